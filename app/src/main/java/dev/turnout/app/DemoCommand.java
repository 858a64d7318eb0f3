package dev.turnout.app;

import java.io.IOException;
import java.util.Optional;

/** Immutable. {@code turnout demo}: a Turnout with backends of its own, for a first look. */
final class DemoCommand {

    private final CommandLine line;
    private final Console console;

    DemoCommand(CommandLine line, Console console) {
        this.line = line;
        this.console = console;
    }

    ExitCode run() throws UsageException, InterruptedException {
        int port = line.number(Option.PORT, 8080, 0, 65_535);
        int adminPort = line.number(Option.ADMIN_PORT, 8081, 0, 65_535);
        Logs.start(System.getenv("TURNOUT_LOG"));
        try (Demo demo = Demo.start()) {
            return new Service(console).run(demo.settings(port, adminPort), Optional.empty(), this::sayWhatToTry);
        } catch (IOException e) {
            console.complain(e);
            return ExitCode.FAILED;
        } finally {
            Logs.stop();
        }
    }

    private void sayWhatToTry(Application application) {
        String proxy = "localhost:" + application.boundProxy().getPort();
        String admin = "localhost:" + application.boundAdmin().getPort();
        console.out().printf("""
                        Turnout is in front of two blue and two green backends; blue is active. Try, in another terminal:

                          curl %1$s/                                              which colour answers; or open it in a browser
                          curl -X POST %2$s/admin/switch                          flip to the other colour
                          curl -X POST %2$s/admin/rollback                        and back
                          curl %2$s/admin/status                                  how things are
                          curl --json '{"weight":10}' %2$s/admin/canary           a canary: a tenth of the requests to green
                          curl %2$s/admin/canary                                  how it goes; break green below, and it goes back
                          curl -X POST '%1$s/demo/green/errors?rate=0.3'          make green fail now and then
                          curl -X POST '%1$s/demo/green/delay?millis=200'         make green slow; .../demo/green/reset ends both
                          curl -s %2$s/metrics | grep turnout_requests_total      what Prometheus sees

                        Ctrl-C ends it.
                        """, proxy, admin);
        console.out().flush();
    }
}
