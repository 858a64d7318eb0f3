package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.Lease;
import dev.turnout.proxy.backend.Outcome;
import dev.turnout.proxy.control.Change.SwitchTo;
import dev.turnout.proxy.request.AnyRequest;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Invariant 2 of the design under load: publish first, then drain; one word for count and bit. */
class SwitchRaceTest {

    private static final int THREADS = 3;
    private static final int SWITCHES = 4_000;
    private static final AnyRequest REQUEST = new AnyRequest();

    /** Immutable. A switch has returned and the next has not begun; one is like no other. */
    private static final class Settled {
        private final Colour old;

        Settled(Colour old) {
            this.old = old;
        }
    }

    /** Written by the switching thread, read by the requests; null while a switch is under way. */
    private volatile @Nullable Settled settled;

    /** Written by the switching thread, read by the requests. */
    private volatile boolean over;

    private final AtomicLong granted = new AtomicLong();
    private final AtomicLong routedAgain = new AtomicLong();
    private final AtomicLong onTheOldColour = new AtomicLong();
    private final AtomicLong bothClosed = new AtomicLong();

    @Test
    @Timeout(300)
    void noRequestIsLateAndNoneIsLost() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        ExecutorService requests = Executors.newFixedThreadPool(THREADS);

        long drainedEarly = 0;
        long drains = 0;
        try (ControlFixture fixture = ControlFixture.start()) {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                SplittableRandom own = random.split();
                ends.add(requests.submit(() -> sendRequests(fixture, own)));
            }
            for (int i = 0; i < SWITCHES; i++) {
                Colour old = fixture.board.current().active();
                settled = null;
                fixture.make(new SwitchTo(Optional.of(old.other())));
                settled = new Settled(old);
                if (i % 100 == 0) {
                    fixture.plane.healthChanged();
                }
                boolean drained = fixture.pool(old).isDrained();
                spin(random.nextInt(2000));
                if (drained) {
                    drains++;
                    drainedEarly += fixture.pool(old).exchanges();
                }
            }
            over = true;
            for (Future<?> end : ends) {
                end.get(60, TimeUnit.SECONDS);
            }

            assertThat(fixture.pool(Colour.BLUE).exchanges()).isZero();
            assertThat(fixture.pool(Colour.GREEN).exchanges()).isZero();
            assertThat(fixture.plane.status().revision()).isEqualTo(SWITCHES + 1);
        } finally {
            over = true;
            requests.shutdown();
        }

        System.out.println(granted + " leases, " + routedAgain + " routed again, " + drains + " drained at once");
        assertThat(granted.get()).isPositive();
        assertThat(onTheOldColour.get()).as("leases after the switch returned").isZero();
        assertThat(drainedEarly).as("leases on a pool reported drained").isZero();
        assertThat(bothClosed.get())
                .as("requests refused by the table in force")
                .isZero();
    }

    private void sendRequests(ControlFixture fixture, SplittableRandom random) {
        ArrayDeque<Lease> held = new ArrayDeque<>();
        while (!over) {
            held.add(lease(fixture));
            while (held.size() > random.nextInt(4)) {
                held.remove().close(Outcome.SUCCESS);
            }
            if (random.nextInt(64) == 0) {
                // Else, on few cores, the control thread waits for a time slice at each switch.
                LockSupport.parkNanos(1000);
            }
        }
        held.forEach(lease -> lease.close(Outcome.SUCCESS));
    }

    private Lease lease(ControlFixture fixture) {
        RoutingTable refusing = null;
        for (; ; ) {
            Settled before = settled;
            RoutingTable table = fixture.board.current();
            if (table.equals(refusing)) {
                bothClosed.incrementAndGet();
            }
            Backend backend =
                    Objects.requireNonNull(table.pool(table.active()).balancer().pick(REQUEST, null));
            Lease lease = backend.tryLease();
            if (lease != null) {
                granted.incrementAndGet();
                if (before != null && before == settled && backend.colour() == before.old) {
                    onTheOldColour.incrementAndGet();
                }
                return lease;
            }
            routedAgain.incrementAndGet();
            refusing = table;
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
