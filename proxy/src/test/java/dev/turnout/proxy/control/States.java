package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.config.GateSettings;
import dev.turnout.proxy.release.Aftercare;
import dev.turnout.proxy.release.Baseline;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.Plans;
import dev.turnout.proxy.release.Step;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.Orders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Immutable. Routing states for tests. */
final class States {

    static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");

    private States() {}

    private static MirrorOrder mirror(long revision, Instant at) {
        return new MirrorOrder(
                revision,
                at,
                at.plusSeconds(60),
                (int) (1 + revision % 10_000),
                List.of("etag", "x-" + revision),
                MirrorOrder.Body.JSON_SHAPE,
                1024,
                8,
                Duration.ofMillis(1500),
                "try it");
    }

    /** A state that differs from that of any other revision. */
    static SavedState ofRevision(long revision) {
        Colour active = revision % 2 == 0 ? Colour.BLUE : Colour.GREEN;
        Instant at = NOON.plusSeconds(revision);
        return new SavedState(
                revision,
                active,
                Optional.of(active.other()),
                at,
                Orders.NONE
                        .withDrain(new DrainOrder(
                                active.other(), at, at.plusSeconds(300), DrainOrder.OnDeadline.CLOSE_IDLE))
                        .withMirror(Optional.of(mirror(revision, at))),
                List.of(new HistoryEntry(
                        revision,
                        at,
                        new Actor("ci", "127.0.0.1"),
                        "switch",
                        active.other(),
                        active,
                        "release " + revision)));
    }

    /** Of a command a minute after the last switch, which may be repeated. */
    static Conditions conditions(GateSettings gate, boolean force) {
        return new Conditions(
                NOON,
                NOON.minusSeconds(60),
                Optional.empty(),
                "",
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                force,
                true,
                new BackendFactory(1),
                gate,
                Baseline.UNKNOWN);
    }

    /** A canary of one step, watched for five minutes after its traffic has moved. */
    static CanaryPlan watchedCanary() {
        return Plans.of(
                new Aftercare(Duration.ofMinutes(5), 0, Duration.ZERO),
                new Step(Bucket.COUNT / 2, Duration.ZERO, 0, false));
    }
}
