package dev.turnout.proxy.connection;

import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.ExchangeObserver;
import dev.turnout.proxy.observe.ExchangeView;

/** Confined to one thread. Told of everything, it keeps nothing. */
public final class Unobserved implements ExchangeObserver {

    @Override
    public void started() {}

    @Override
    public void finished(ExchangeView exchange) {}

    @Override
    public void retried(Colour colour, String reason) {}

    @Override
    public void connectionOpened(Side side) {}

    @Override
    public void connectionClosed(Side side) {}
}
