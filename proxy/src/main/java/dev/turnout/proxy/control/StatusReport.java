package dev.turnout.proxy.control;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.FailureKind;
import dev.turnout.proxy.control.RollbackReadiness.State;
import dev.turnout.proxy.control.Status.BackendStatus;
import dev.turnout.proxy.control.Status.DrainStatus;
import dev.turnout.proxy.control.Status.HoldStatus;
import dev.turnout.proxy.control.Status.NameStatus;
import dev.turnout.proxy.control.Status.PoolStatus;
import dev.turnout.proxy.control.Status.StoreStatus;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Release.Phase;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.NameLookups;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Immutable. Tells the state of things from a routing table and the counters of its backends. */
final class StatusReport {

    private StatusReport() {}

    static Status of(
            RoutingTable table,
            Instant activeSince,
            Instant startedAt,
            Optional<Instant> wentBack,
            String leftWith,
            StoreStatus store,
            long held,
            ToLongFunction<Colour> pending,
            NameLookups lookups,
            Instant now) {
        Optional<HoldStatus> hold = table.orders().standing(now).hold().map(order -> new HoldStatus(order, held));
        return new Status(
                table.revision(),
                table.active(),
                table.previous(),
                hold.isPresent() ? "holding" : mode(table),
                activeSince,
                startedAt,
                pool(table, Colour.BLUE, pending, lookups, now),
                pool(table, Colour.GREEN, pending, lookups, now),
                store,
                table.maintenance(),
                table.orders().release(),
                table.orders().freeze().filter(freeze -> !freeze.isOver(now)),
                rollback(table, wentBack, leftWith),
                hold,
                table.orders().standing(now).mirror());
    }

    private static String mode(RoutingTable table) {
        Release release = table.release();
        if (release != null) {
            return release.isPaused() ? "paused" : release.phase() == Phase.CANARY ? "canary" : "baking";
        }
        for (Colour colour : Colour.values()) {
            if (table.isDraining(colour) || table.keepsUsers(colour)) {
                return "draining";
            }
        }
        return "steady";
    }

    private static RollbackReadiness rollback(RoutingTable table, Optional<Instant> wentBack, String leftWith) {
        Release release = table.release();
        if (release == null && Change.Rollback.isSwitchHeld(table)) {
            return new RollbackReadiness(
                    State.READY,
                    Optional.of(table.active()),
                    "it would call off the switch to " + table.active().other().label() + " for which requests wait");
        }
        boolean canary = release != null && release.phase() == Phase.CANARY;
        boolean isBack =
                release == null && (wentBack.isPresent() || table.previous().isEmpty());
        if (isBack && table.orders().hold().isPresent()) {
            return new RollbackReadiness(
                    State.READY, Optional.of(table.active()), "it would end the hold, and nothing else");
        }
        if (isBack && wentBack.isPresent()) {
            return new RollbackReadiness(State.DONE, Optional.empty(), Change.Rollback.whyDone(table, wentBack.get()));
        }
        Optional<Colour> to = canary ? Optional.of(table.active()) : table.previous();
        if (to.isEmpty()) {
            return new RollbackReadiness(State.IMPOSSIBLE, to, "there was no switch yet");
        }
        Pool pool = table.pool(to.get());
        if (pool.usable() == 0) {
            return new RollbackReadiness(State.IMPOSSIBLE, to, ReleaseRules.whyUnusable(pool));
        }
        if (!canary && !leftWith.isEmpty() && !leftWith.equals(pool.fingerprint())) {
            return new RollbackReadiness(State.STALE, to, ReleaseRules.whyStale(pool, leftWith));
        }
        return new RollbackReadiness(
                State.READY, to, pool.usable() + " of " + pool.members().size() + " backends are usable");
    }

    private static PoolStatus pool(
            RoutingTable table, Colour colour, ToLongFunction<Colour> pending, NameLookups lookups, Instant now) {
        Pool pool = table.pool(colour);
        Set<BackendAddress> found = pool.names().addresses();
        List<BackendStatus> backends = pool.members().stream()
                .map(member -> backend(pool, member, found))
                .toList();
        return new PoolStatus(
                colour,
                role(table, colour),
                pool.version(),
                pool.edit().isPresent(),
                (int) backends.stream().filter(each -> each.health().up()).count(),
                pool.usable(),
                backends.size(),
                pool.isInPanic(),
                table.keepsUsers(colour),
                pending.applyAsLong(colour),
                pool.settings().limits(),
                backends.stream().mapToLong(BackendStatus::exchanges).sum(),
                backends.stream().mapToLong(BackendStatus::tunnels).sum(),
                table.drain(colour).map(order -> new DrainStatus(order, state(order, pool, now))),
                backends,
                pool.names().wanted().stream()
                        .map(each -> new NameStatus(
                                each, pool.names().of(each.name()).size(), lookups.lookup(colour, each.name())))
                        .toList());
    }

    private static BackendStatus backend(Pool pool, Pool.Member member, Set<BackendAddress> found) {
        Backend backend = member.backend();
        Map<FailureKind, Long> failures = new EnumMap<>(FailureKind.class);
        for (FailureKind kind : FailureKind.values()) {
            failures.put(kind, backend.failures(kind));
        }
        return new BackendStatus(
                backend.address(),
                member.weight(),
                member.duty(),
                backend.connections(),
                backend.exchanges(),
                backend.tunnels(),
                backend.health(),
                Optional.ofNullable(backend.ejection()),
                pool.slowStartPercent(backend),
                failures,
                backend.ejectionOverflows(),
                member.name(),
                member.priority(),
                member.name().isEmpty() || found.contains(backend.address()));
    }

    private static String role(RoutingTable table, Colour colour) {
        Release release = table.release();
        if (colour == table.active()) {
            return "active";
        }
        return release != null && release.candidate() == colour ? "canary" : "idle";
    }

    private static String state(DrainOrder order, Pool pool, Instant now) {
        if (pool.isDrained()) {
            return "drained";
        }
        return now.isBefore(order.deadline()) ? "draining" : "overdue";
    }
}
