package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendLimits;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.backend.Ejection;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.backend.HealthView;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Freeze;
import dev.turnout.proxy.routing.HoldOrder;
import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import dev.turnout.proxy.routing.Pool.Duty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Immutable. The state of things at one moment, for people and scripts.
 *
 * @param mode {@code canary}, {@code paused} or {@code baking} with a release, {@code holding} while new requests wait by order, else {@code draining} while a pool under an
 *     order still has requests in flight or a pool that lost the traffic keeps its users, else {@code steady}
 * @param release the one under way
 * @param freeze the one in force
 * @param rollback whether going back would work now
 * @param maintenance whether all requests are answered with 503 by order
 * @param hold the order that new requests wait; empty if there is none or it has passed
 * @param mirror the order that the idle colour gets copies of requests; empty if there is none or it has passed
 * @param activeSince when the active colour became so; the start of the process if it never changed
 */
public record Status(
        long revision,
        Colour active,
        Optional<Colour> previous,
        String mode,
        Instant activeSince,
        Instant startedAt,
        PoolStatus blue,
        PoolStatus green,
        StoreStatus store,
        boolean maintenance,
        Optional<Release> release,
        Optional<Freeze> freeze,
        RollbackReadiness rollback,
        Optional<HoldStatus> hold,
        Optional<MirrorOrder> mirror) {
    public Status {
        Objects.requireNonNull(active);
        Objects.requireNonNull(previous);
        Objects.requireNonNull(mode);
        Objects.requireNonNull(activeSince);
        Objects.requireNonNull(startedAt);
        Objects.requireNonNull(blue);
        Objects.requireNonNull(green);
        Objects.requireNonNull(store);
        Objects.requireNonNull(release);
        Objects.requireNonNull(freeze);
        Objects.requireNonNull(rollback);
        Objects.requireNonNull(hold);
        Objects.requireNonNull(mirror);
    }

    /** One of the two pools. */
    public PoolStatus pool(Colour colour) {
        return switch (colour) {
            case BLUE -> blue;
            case GREEN -> green;
        };
    }

    /**
     * Immutable.
     *
     * @param role {@code active}, {@code canary}, or {@code idle}
     * @param edited whether its backends were edited at run time and are not those of the configuration file
     * @param healthy backends that are up
     * @param usable backends that were up and had a weight when the table in force was made: those that get requests
     * @param panic whether so few are usable that all are used
     * @param keepsUsers whether it lost the traffic by a switch, and users whose cookie names one of its backends stay with it
     * @param pending requests that wait until one of its backends can bear one more
     * @param exchanges requests in flight, tunnels not among them
     */
    public record PoolStatus(
            Colour colour,
            String role,
            String version,
            boolean edited,
            int healthy,
            int usable,
            int total,
            boolean panic,
            boolean keepsUsers,
            long pending,
            BackendLimits limits,
            long exchanges,
            long tunnels,
            Optional<DrainStatus> drain,
            List<BackendStatus> backends,
            List<NameStatus> names) {
        public PoolStatus {
            Objects.requireNonNull(colour);
            Objects.requireNonNull(role);
            Objects.requireNonNull(version);
            Objects.requireNonNull(limits);
            Objects.requireNonNull(drain);
            backends = List.copyOf(backends);
            names = List.copyOf(names);
        }

        /**
         * What workers behind it are to do that take their work from elsewhere: {@code active}, {@code canary}, {@code draining} while
         * it finishes what it has by order or keeps users, else {@code idle}.
         */
        public String duty() {
            if (keepsUsers) {
                return "draining";
            }
            return drain.isPresent() && exchanges + tunnels > 0 ? "draining" : drain.isPresent() ? "idle" : role;
        }
    }

    /**
     * Immutable. A drain order and how far it is.
     *
     * @param state {@code draining} while anything is in flight and the deadline has not passed, {@code overdue} after
     *     it, {@code drained} when nothing is
     */
    public record DrainStatus(DrainOrder order, String state) {
        public DrainStatus {
            Objects.requireNonNull(order);
            Objects.requireNonNull(state);
        }
    }

    /**
     * Immutable.
     *
     * @param waiting requests that wait at this moment
     */
    public record HoldStatus(HoldOrder order, long waiting) {
        public HoldStatus {
            Objects.requireNonNull(order);
        }
    }

    /**
     * Immutable.
     *
     * @param ejection why it gets no requests for a while; empty if it is not ejected
     * @param slowStartPercent of its weight that it has so far; empty: all of it
     * @param failures so far, by what went wrong
     * @param ejectionOverflows times it was not ejected because too many of its pool were
     * @param name that led to it; empty if its address was given
     * @param priority of those that name led to
     * @param listed whether the name still leads there, or its address was given
     */
    public record BackendStatus(
            BackendAddress address,
            int weight,
            Duty duty,
            long connections,
            long exchanges,
            long tunnels,
            HealthView health,
            Optional<Ejection> ejection,
            OptionalInt slowStartPercent,
            Map<FailureKind, Long> failures,
            long ejectionOverflows,
            Optional<BackendName> name,
            int priority,
            boolean listed) {
        public BackendStatus {
            failures = Map.copyOf(failures);
            Objects.requireNonNull(duty);
            Objects.requireNonNull(ejection);
            Objects.requireNonNull(slowStartPercent);
            Objects.requireNonNull(name);
            Objects.requireNonNull(address);
            Objects.requireNonNull(health);
        }
    }

    /**
     * Immutable. A name by which backends are found.
     *
     * @param found backends that it led to when it last resolved
     * @param lookup how that goes; empty if it was not looked up yet
     */
    public record NameStatus(NamedBackends named, int found, Optional<Lookup> lookup) {
        public NameStatus {
            Objects.requireNonNull(named);
            Objects.requireNonNull(lookup);
        }
    }

    /**
     * Immutable. Where the routing state is kept.
     *
     * @param problem what went wrong with the last save or the load at start; empty if nothing
     */
    public record StoreStatus(String file, Optional<String> problem) {
        public StoreStatus {
            Objects.requireNonNull(file);
            Objects.requireNonNull(problem);
        }
    }
}
