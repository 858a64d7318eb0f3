package dev.turnout.app.wire;

import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Confined to one thread. Turnouts as they are with the default settings, each with its backend. */
final class TurnoutLanes implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final List<RunningProxy> proxies = new ArrayList<>();
    private final List<ScriptedBackend> backends = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();

    TurnoutLanes(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ScriptedBackend backend = new ScriptedBackend();
            RunningProxy proxy = RunningProxy.proxy()
                    .blueAt(backend.address())
                    .set("workers", 1)
                    .start();
            backends.add(backend);
            proxies.add(proxy);
            lanes.add(new Lane(proxy.port(), backend, PATIENCE_MILLIS));
        }
    }

    List<Lane> lanes() {
        return List.copyOf(lanes);
    }

    @Override
    public void close() throws IOException {
        for (RunningProxy proxy : proxies) {
            proxy.close();
        }
        for (ScriptedBackend backend : backends) {
            backend.close();
        }
    }
}
