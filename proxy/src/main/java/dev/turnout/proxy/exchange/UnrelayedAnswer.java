package dev.turnout.proxy.exchange;

import dev.turnout.proxy.connection.ResponseListener;
import dev.turnout.proxy.http.Head;
import io.netty.buffer.ByteBuf;

/** Confined to one event loop. Hears an answer that is passed on to nobody, so that nobody is told more, or slows it down. */
interface UnrelayedAnswer extends ResponseListener {

    @Override
    default void onInformational(Head informational) {}

    @Override
    default void onTunnelBytes(ByteBuf data) {
        data.release();
    }

    @Override
    default void onTunnelEnd() {}

    @Override
    default void onReadComplete() {}

    @Override
    default void onWritable() {}
}
