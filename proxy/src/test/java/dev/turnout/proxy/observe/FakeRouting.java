package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.util.ArrayList;
import java.util.List;

/** Confined to the test's thread. A routing table that is what the test says; the idle colour drains. */
final class FakeRouting implements RoutingView {

    Colour active = Colour.BLUE;
    final List<BackendView> backends = new ArrayList<>();

    @Override
    public long revision() {
        return 42;
    }

    @Override
    public Colour active() {
        return active;
    }

    @Override
    public boolean isDraining(Colour colour) {
        return colour != active;
    }

    @Override
    public boolean maintenance() {
        return true;
    }

    @Override
    public int usable(Colour colour) {
        return colour == active ? 3 : 0;
    }

    @Override
    public boolean isInPanic(Colour colour) {
        return colour != active;
    }

    @Override
    public List<BackendView> backends() {
        return List.copyOf(backends);
    }

    /** Confined to the test's thread. A backend that says of each class of code that there were as many answers. */
    static final class OneBackend implements BackendView {

        private final Colour colour;
        private final BackendAddress address;
        long inFlight;

        OneBackend(Colour colour, int port) {
            this.colour = colour;
            this.address = new BackendAddress("127.0.0.1", port);
        }

        @Override
        public Colour colour() {
            return colour;
        }

        @Override
        public BackendAddress address() {
            return address;
        }

        @Override
        public boolean isUp() {
            return true;
        }

        @Override
        public boolean isEjected() {
            return false;
        }

        @Override
        public long ejectionOverflows() {
            return 1;
        }

        @Override
        public long ejections() {
            return 2;
        }

        @Override
        public long localFailures(int kind) {
            return kind;
        }

        @Override
        public long connections() {
            return 3;
        }

        @Override
        public long inFlight() {
            return inFlight;
        }

        @Override
        public long responses(int codeClass) {
            return codeClass;
        }
    }

    @Override
    public double canaryShare() {
        return 0;
    }
}
