package dev.turnout.proxy.control;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.release.CanaryPlan;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Release.Phase;
import dev.turnout.proxy.routing.Freeze;
import dev.turnout.proxy.routing.RoutingTable;
import java.util.Objects;
import java.util.Optional;

/** Immutable. One command about a release that goes in steps, or is watched after its traffic has moved. */
public sealed interface ReleaseChange extends Change {

    /** What moves the traffic to the new colour, in the history. */
    String PROMOTE = "canary-promote";

    /** What is ended by going back, in the history. */
    String ABORT = "canary-abort";

    /** The same, by the judge or for want of a confirmation. */
    String AUTO_ROLLBACK = "auto-rollback";

    @Override
    default Colour target(RoutingTable table) {
        return table.orders()
                .release()
                .map(Release::candidate)
                .orElse(table.active().other());
    }

    /**
     * Begins a canary on the idle colour.
     *
     * @param to empty: the idle colour
     * @param id salt of the split; empty: made of revision and time
     */
    record StartCanary(Optional<Colour> to, String id, CanaryPlan plan) implements ReleaseChange {
        public StartCanary {
            Objects.requireNonNull(to);
            Objects.requireNonNull(id);
            if (plan.steps().isEmpty()) {
                throw new IllegalArgumentException("a canary without a step");
            }
        }

        @Override
        public String action() {
            return "canary-start";
        }

        @Override
        public boolean isGated() {
            return true;
        }

        @Override
        public Colour target(RoutingTable table) {
            return to.orElse(table.active().other());
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            ReleaseRules.checkFrozen(table, conditions);
            ReleaseRules.checkNoRelease(table);
            ReleaseRules.checkNoSwitchHeld(table, conditions);
            Colour candidate = target(table);
            if (candidate == table.active()) {
                throw new ChangeRefused(
                        Kind.POOL_IS_ACTIVE,
                        candidate.label() + " is active already; a canary begins on the idle colour",
                        table.revision());
            }
            SwitchGate.check(table, candidate, plan.gate(), conditions);
            ReleaseRules.checkUsable(table, candidate, conditions);
            String salt = id.isEmpty()
                    ? "r" + (table.revision() + 1) + "-" + conditions.now().getEpochSecond()
                    : id;
            Release release = Release.canary(salt, candidate, plan, conditions.baseline(), conditions.now());
            return table.withOrders(
                    table.orders().withoutDrain(candidate).withKeepsUsers(false).withRelease(Optional.of(release)));
        }
    }

    /** Gives the new colour another share; the step it is in begins anew. */
    record SetWeight(int weight) implements ReleaseChange {

        @Override
        public String action() {
            return "canary-weight";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Release release = ReleaseRules.canary(table);
            if (release.weight() == weight) {
                return table;
            }
            if (weight > release.weight()) {
                ReleaseRules.checkFrozen(table, conditions);
            }
            return ReleaseRules.raised(table, release, release.withWeight(weight, conditions.now()), conditions);
        }
    }

    /** Goes to the next step, whatever the one in hand still waits for. */
    record NextStep() implements ReleaseChange {

        @Override
        public String action() {
            return "canary-step";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            ReleaseRules.checkFrozen(table, conditions);
            Release release = ReleaseRules.canary(table);
            if (release.isLastStep()) {
                throw new ChangeRefused(
                        Kind.NO_FURTHER_STEP,
                        "step " + (release.step() + 1) + " is the last one; promote moves the traffic",
                        table.revision());
            }
            return ReleaseRules.raised(
                    table, release, release.atStep(release.step() + 1, conditions.now()), conditions);
        }
    }

    /** Lets the release stand still: shares stay as they are, nothing advances; the judge goes on. */
    record Pause(String why) implements ReleaseChange {
        public Pause {
            Objects.requireNonNull(why);
        }

        @Override
        public String action() {
            return "canary-pause";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Release release = ReleaseRules.canary(table);
            return release.isPaused() ? table : ReleaseRules.with(table, release.paused(why, conditions.now()));
        }
    }

    /** Lets a release that stands still go on; behind a step that is a pause, with the next one. */
    record Resume() implements ReleaseChange {

        @Override
        public String action() {
            return "canary-resume";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            ReleaseRules.checkFrozen(table, conditions);
            Release release = ReleaseRules.canary(table);
            if (!release.isPaused()) {
                return table;
            }
            boolean pauseStep = release.plan().steps().get(release.step()).pause();
            return ReleaseRules.raised(
                    table,
                    release,
                    pauseStep && !release.isLastStep()
                            ? release.atStep(release.step() + 1, conditions.now())
                            : release.resumed(conditions.now()),
                    conditions);
        }
    }

    /**
     * Moves the traffic to the new colour, by the switch that there is at any time.
     *
     * @param full even if there are steps left; else that goes to the next step
     */
    record Promote(boolean full) implements ReleaseChange {

        @Override
        public String action() {
            return PROMOTE;
        }

        @Override
        public boolean isGated() {
            return true;
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            ReleaseRules.checkFrozen(table, conditions);
            Release release = ReleaseRules.canary(table);
            if (!full && !release.isLastStep()) {
                return ReleaseRules.raised(
                        table, release, release.atStep(release.step() + 1, conditions.now()), conditions);
            }
            ReleaseRules.checkGate(table, release, conditions);
            ReleaseRules.checkUsable(table, release.candidate(), conditions);
            return ReleaseRules.moved(table, release, conditions);
        }
    }

    /**
     * Ends a release by going back: all requests to the old colour, which becomes active again if it is not.
     *
     * @param auto whether nobody asked for it
     */
    record Abort(boolean auto) implements ReleaseChange {

        @Override
        public String action() {
            return auto ? AUTO_ROLLBACK : ABORT;
        }

        @Override
        public Colour target(RoutingTable table) {
            return ReleaseChange.super.target(table).other();
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Release release = ReleaseRules.release(table);
            return ReleaseRules.backFrom(table, release, conditions);
        }
    }

    /** Says that the new colour is good, so that it does not go back by itself. */
    record Confirm() implements ReleaseChange {

        @Override
        public String action() {
            return "confirm";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Release release = ReleaseRules.release(table);
            if (release.confirmBy().isEmpty()) {
                return table;
            }
            return release.plan().aftercare().bake().isZero()
                    ? ReleaseRules.ended(table, release, conditions)
                    : ReleaseRules.with(table, release.confirmed());
        }
    }

    /** The new colour was watched long enough: the release is over, and who was held back follows. */
    record Complete() implements ReleaseChange {

        @Override
        public String action() {
            return "release-complete";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) throws ChangeRefused {
            Release release = ReleaseRules.release(table);
            if (release.phase() != Phase.BAKE) {
                throw new ChangeRefused(Kind.NO_RELEASE, "the canary is not promoted yet", table.revision());
            }
            return ReleaseRules.ended(table, release, conditions);
        }
    }

    /** Stops releases until a time. */
    record SetFreeze(Freeze freeze) implements ReleaseChange {
        public SetFreeze {
            Objects.requireNonNull(freeze);
        }

        @Override
        public String action() {
            return "freeze";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return table.withOrders(table.orders().withFreeze(Optional.of(freeze)));
        }
    }

    /** Lets releases go on. */
    record Unfreeze() implements ReleaseChange {

        @Override
        public String action() {
            return "unfreeze";
        }

        @Override
        public RoutingTable applyTo(RoutingTable table, Conditions conditions) {
            return table.orders().freeze().isEmpty()
                    ? table
                    : table.withOrders(table.orders().withFreeze(Optional.empty()));
        }
    }
}
