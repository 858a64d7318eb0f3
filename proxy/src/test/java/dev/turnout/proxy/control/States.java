package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Orders;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Immutable. Routing states for tests. */
final class States {

    static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");

    private States() {}

    /** A state that differs from that of any other revision. */
    static SavedState ofRevision(long revision) {
        Colour active = revision % 2 == 0 ? Colour.BLUE : Colour.GREEN;
        Instant at = NOON.plusSeconds(revision);
        return new SavedState(
                revision,
                active,
                Optional.of(active.other()),
                at,
                Orders.NONE.withDrain(
                        new DrainOrder(active.other(), at, at.plusSeconds(300), DrainOrder.OnDeadline.CLOSE_IDLE)),
                List.of(new HistoryEntry(
                        revision,
                        at,
                        new Actor("ci", "127.0.0.1"),
                        "switch",
                        active.other(),
                        active,
                        "release " + revision)));
    }
}
