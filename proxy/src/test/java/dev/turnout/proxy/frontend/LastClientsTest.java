package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.Transport;
import dev.turnout.proxy.connection.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Listeners that accept nobody by themselves: whoever connects waits in the kernel. */
final class LastClientsTest {

    private static final int SOON_MILLIS = 300;
    private static final int LATE_MILLIS = 20_000;

    /** Sends back what comes. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"AUTO", "NIO"})
    void whoIsConnectedIsServedAndNobodyElseConnects(Transport wanted) throws Exception {
        NettyTransport transport = NettyTransport.choose(wanted);
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
        try {
            Channel listener = new ServerBootstrap()
                    .group(group)
                    .channel(transport.serverSocket())
                    .option(ChannelOption.AUTO_READ, false)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Echo());
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            InetSocketAddress address = (InetSocketAddress) listener.localAddress();
            try (Socket before = new Socket()) {
                before.connect(address, LATE_MILLIS);
                before.getOutputStream().write('a');

                boolean closed = LastClients.only(listener);

                assertThat(closed).isEqualTo(!transport.name().equals("nio"));
                if (closed) {
                    assertThatThrownBy(() -> connect(address, SOON_MILLIS)).isInstanceOf(SocketTimeoutException.class);
                } else {
                    connect(address, LATE_MILLIS);
                }
                listener.config().setAutoRead(true);
                before.setSoTimeout(LATE_MILLIS);
                assertThat(before.getInputStream().read()).isEqualTo('a');
                // What it was accepted with does not stay with it.
                before.getOutputStream().write('b');
                assertThat(before.getInputStream().read()).isEqualTo('b');
            }
            listener.close().sync();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static void connect(InetSocketAddress address, int millis) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, millis);
        }
    }
}
