package dev.turnout.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;

/** Confined to one event loop. Puts the handlers of a new admin connection in order, or closes it if there are too many. */
final class AdminPipeline extends ChannelInitializer<Channel> {

    static final int LINE_BYTES = 4096;
    static final int HEAD_BYTES = 16384;
    static final int BODY_BYTES = 1 << 20;
    /** Requests that wait for something, of those that read as of those that command; the rest are for what is answered at once. */
    static final int SEATS = 32;

    static final int CONNECTIONS = 3 * SEATS;

    private final AdminDispatch dispatch;
    private final ChannelGroup open;

    /** @param open the connections there are; closed ones leave it by themselves */
    AdminPipeline(AdminDispatch dispatch, ChannelGroup open) {
        this.dispatch = dispatch;
        this.open = open;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (open.size() >= CONNECTIONS) {
            channel.close();
            return;
        }
        open.add(channel);
        ConnectionClock clock = new ConnectionClock();
        channel.pipeline()
                .addLast("clock", clock)
                .addLast(
                        "http",
                        new HttpServerCodec(new HttpDecoderConfig()
                                .setMaxInitialLineLength(LINE_BYTES)
                                .setMaxHeaderSize(HEAD_BYTES)))
                .addLast("body", new BodyLimit(BODY_BYTES))
                .addLast("admin", new AdminHandler(dispatch, clock));
    }
}
