package dev.turnout.admin;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Commands with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) happen once:
 * who repeats one gets the reply of the first time. A command that was refused has done nothing and frees its key.
 */
final class IdempotencyKeys {

    static final String FIELD = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";

    private static final int MOST = 1000;
    private static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(24);

    /** Immutable. A key in use: of which request, and its reply once there is one. */
    private record Use(
            String fingerprint, long since, @Nullable Reply reply) {
        private Use {
            Objects.requireNonNull(fingerprint);
        }
    }

    private final LongSupplier nanoTime;

    /** Oldest first. */
    private final Map<String, Use> uses = new LinkedHashMap<>();

    IdempotencyKeys(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Answers a command through its key, if it carries one. Keys of different callers have nothing to do with each other. */
    CompletableFuture<Reply> once(Call call, Route.Handler handler) throws Problem {
        List<String> keys = call.request().headers().getAll(FIELD);
        if (keys.isEmpty() || !call.request().mayChange()) {
            return handler.handle(call);
        }
        if (keys.size() > 1 || !keys.get(0).matches("[!-~]{1,128}")) {
            Faults faults = new Faults();
            faults.body(FIELD + " (expected: one, of 1..128 visible ASCII characters)");
            throw faults.toProblem();
        }
        forgetOld();
        String key = call.actor().name() + " " + keys.get(0);
        String fingerprint = fingerprint(call.request());
        Use use = uses.get(key);
        if (use == null) {
            return first(key, fingerprint, call, handler);
        }
        if (!use.fingerprint().equals(fingerprint)) {
            throw new Problem(ProblemType.IDEMPOTENCY_KEY_REUSED, "take a new key for a new request");
        }
        if (use.reply() == null) {
            throw new Problem(ProblemType.IDEMPOTENCY_KEY_IN_USE, "ask again when it is over");
        }
        return CompletableFuture.completedFuture(use.reply().with(REPLAYED, "true"));
    }

    private CompletableFuture<Reply> first(String key, String fingerprint, Call call, Route.Handler handler)
            throws Problem {
        CompletableFuture<Reply> reply = handler.handle(call);
        Use running = new Use(fingerprint, nanoTime.getAsLong(), null);
        uses.put(key, running);
        return reply.whenComplete((done, failure) -> {
            if (failure == null && done.isSuccess()) {
                uses.replace(key, running, new Use(fingerprint, running.since(), done));
            } else {
                uses.remove(key, running);
            }
        });
    }

    /** Those that run are as few as there are connections, and are not forgotten. */
    private void forgetOld() {
        long now = nanoTime.getAsLong();
        Iterator<Use> oldest = uses.values().iterator();
        while (oldest.hasNext()) {
            Use use = oldest.next();
            boolean tooMany = uses.size() >= MOST;
            if (!tooMany && now - use.since() < KEPT_NANOS) {
                return;
            }
            if (use.reply() != null) {
                oldest.remove();
            }
        }
    }

    /** In one order, whatever the order of its parameters. */
    private static String query(AdminRequest request) {
        return new TreeMap<>(request.query()).toString();
    }

    private static String fingerprint(AdminRequest request) {
        String ifMatch = String.join(",", request.headers().getAll("If-Match"));
        return Sha256.hex(String.join("\n", request.method(), request.path(), query(request), ifMatch, request.body()));
    }
}
