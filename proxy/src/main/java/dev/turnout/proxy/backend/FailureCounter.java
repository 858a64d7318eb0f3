package dev.turnout.proxy.backend;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe, without a lock. What real traffic showed of a backend: failures in all by kind, and in a row. While there are
 * none a success costs two reads, and writes nothing that event loops would contend for.
 */
final class FailureCounter {

    /** Never changed once made. */
    private final Map<FailureKind, AtomicLong> totals = new EnumMap<>(FailureKind.class);

    /** In a row, of the failures that Turnout saw itself; any answer ends it. By all event loops. */
    private final AtomicInteger localRow = new AtomicInteger();

    /** In a row, of answers of 5xx. By all event loops. */
    private final AtomicInteger errorRow = new AtomicInteger();

    FailureCounter() {
        for (FailureKind kind : FailureKind.values()) {
            totals.put(kind, new AtomicLong());
        }
    }

    /** Counts how a lease ended, and tells of a failure. */
    void count(Backend backend, Outcome outcome, @Nullable FailureListener listener) {
        FailureKind kind = kind(outcome);
        if (kind == null) {
            if (outcome == Outcome.SUCCESS) {
                end(localRow);
                end(errorRow);
            }
            return;
        }
        if (!kind.isLocal()) {
            end(localRow);
        }
        Objects.requireNonNull(totals.get(kind)).incrementAndGet();
        int row = (kind.isLocal() ? localRow : errorRow).incrementAndGet();
        if (listener != null) {
            listener.failed(backend, kind, row);
        }
    }

    /** Failures of that kind so far. */
    long total(FailureKind kind) {
        return Objects.requireNonNull(totals.get(kind)).get();
    }

    /** Begins the rows anew. */
    void forgive() {
        localRow.set(0);
        errorRow.set(0);
    }

    private static void end(AtomicInteger row) {
        if (row.get() != 0) {
            row.set(0);
        }
    }

    private static @Nullable FailureKind kind(Outcome outcome) {
        return switch (outcome) {
            case SUCCESS, NEUTRAL -> null;
            case SERVER_ERROR -> FailureKind.SERVER_ERROR;
            case CONNECT_FAILURE -> FailureKind.CONNECT;
            case BROKEN -> FailureKind.BROKEN;
            case TIMEOUT -> FailureKind.TIMEOUT;
        };
    }
}
