package dev.turnout.proxy.observe;

import dev.turnout.config.Colour;

/** Immutable. Observers made of observers. */
public final class ExchangeObservers {

    private ExchangeObservers() {}

    /** Tells {@code first} and then {@code second}; both belong to the same event loop. */
    public static ExchangeObserver both(ExchangeObserver first, ExchangeObserver second) {
        return new Both(first, second);
    }

    private record Both(ExchangeObserver first, ExchangeObserver second) implements ExchangeObserver {

        @Override
        public void started() {
            first.started();
            second.started();
        }

        @Override
        public void finished(ExchangeView exchange) {
            first.finished(exchange);
            second.finished(exchange);
        }

        @Override
        public void retried(Colour colour, String reason) {
            first.retried(colour, reason);
            second.retried(colour, reason);
        }

        @Override
        public void retryRefused(Colour colour) {
            first.retryRefused(colour);
            second.retryRefused(colour);
        }

        @Override
        public void held() {
            first.held();
            second.held();
        }

        @Override
        public void holdEnded(HoldEnd end) {
            first.holdEnded(end);
            second.holdEnded(end);
        }

        @Override
        public void endedByDrain(String kind) {
            first.endedByDrain(kind);
            second.endedByDrain(kind);
        }

        @Override
        public void connectionOpened(Side side) {
            first.connectionOpened(side);
            second.connectionOpened(side);
        }

        @Override
        public void connectionClosed(Side side) {
            first.connectionClosed(side);
            second.connectionClosed(side);
        }
    }
}
