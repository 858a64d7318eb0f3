package dev.turnout.proxy.discovery;

import dev.turnout.config.BackendName;
import java.util.concurrent.CompletableFuture;

/** Confined to one event loop. Looks a name of backends up once. */
interface NameResolver {

    /** What it leads to now. Completes on that event loop, and never fails. */
    CompletableFuture<Answer> look(BackendName name);
}
