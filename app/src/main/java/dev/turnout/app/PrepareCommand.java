package dev.turnout.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Immutable. {@code turnout prepare}: a rehearsal that loads the classes of a real start, real traffic and the commands.
 * The launcher has the JVM write them to the class archive that later starts read.
 */
final class PrepareCommand {

    private static final int REQUESTS = 20;

    private final Console console;

    PrepareCommand(Console console) {
        this.console = console;
    }

    ExitCode run() {
        Logs.start("warn");
        try (Demo demo = Demo.start();
                Application application = Application.start(demo.settings(0, 0))) {
            AdminClient client = new AdminClient(uri(application.boundProxy()), Optional.empty());
            for (int i = 0; i < REQUESTS; i++) {
                client.get("/");
                client.post("/", JsonNodeFactory.instance.objectNode(), Duration.ZERO);
            }
            AdminClient admin = new AdminClient(uri(application.boundAdmin()), Optional.empty());
            AnswerText.change(
                    Command.SWITCH,
                    admin.post("/admin/switch", JsonNodeFactory.instance.objectNode(), Duration.ZERO)
                            .json());
            StatusText.status(admin.get("/admin/status").json());
            AnswerText.history(admin.get("/admin/history").json());
            admin.get("/metrics");
            return ExitCode.DONE;
        } catch (IOException e) {
            console.complain(e);
            return ExitCode.FAILED;
        } finally {
            Logs.stop();
        }
    }

    private static URI uri(InetSocketAddress address) {
        return URI.create("http://127.0.0.1:" + address.getPort());
    }
}
