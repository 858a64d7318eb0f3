package dev.turnout.app;

import dev.turnout.app.demo.DemoBackends;
import dev.turnout.config.Colour;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Thread-safe. All that a demonstration needs around Turnout: backends of its own, and a folder that goes with it. */
final class Demo implements AutoCloseable {

    private final DemoBackends backends;
    private final Path folder;

    private Demo(DemoBackends backends, Path folder) {
        this.backends = backends;
        this.folder = folder;
    }

    /** @throws IOException if there is no port or no temporary folder to be had */
    static Demo start() throws IOException {
        NettyTuning.apply(new SettingsBuilder().build().limits());
        Path folder = Files.createTempDirectory("turnout-demo");
        try {
            return new Demo(DemoBackends.start(), folder);
        } catch (IOException e) {
            Files.delete(folder);
            throw e;
        }
    }

    /** Settings for a Turnout in front of the backends, on loopback; port 0 lets the system choose. */
    Settings settings(int port, int adminPort) {
        return new SettingsBuilder()
                .listener("127.0.0.1:" + port)
                .admin("127.0.0.1:" + adminPort)
                .stateFile(folder.resolve("state.json"))
                .blue(addresses(Colour.BLUE))
                .set("pools.blue.version", DemoBackends.version(Colour.BLUE))
                .green(addresses(Colour.GREEN))
                .set("pools.green.version", DemoBackends.version(Colour.GREEN))
                .build();
    }

    /** Ends the backends and removes the folder; to be called when Turnout itself has ended. */
    @Override
    public void close() throws IOException {
        backends.close();
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private String[] addresses(Colour colour) {
        return backends.addresses(colour).stream().map(Object::toString).toArray(String[]::new);
    }
}
