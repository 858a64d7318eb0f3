package dev.turnout.proxy.connection;

import dev.turnout.config.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. The channel classes of the transport in use.
 *
 * @param name as in the setting {@code transport}
 * @param sharesPorts whether several listeners of this process may have one port (SO_REUSEPORT), one per event loop
 */
public record NettyTransport(
        String name,
        IoHandlerFactory ioHandlers,
        Class<? extends ServerChannel> serverSocket,
        Class<? extends Channel> socket,
        boolean sharesPorts) {

    /** The state of a connection that both sides may use, in the kernel's numbers (tcp_states.h). */
    private static final int TCP_ESTABLISHED = 1;

    /** The state of a connection that is over. */
    private static final int TCP_CLOSE = 7;

    /**
     * The transport asked for; AUTO takes the first of io_uring, epoll and NIO that works here.
     *
     * @throws IllegalStateException if the one asked for does not work here; the message says why
     */
    public static NettyTransport choose(Transport wanted) {
        // Netty 4.2.18 loses a reset that arrives together with data when its poll is a multishot one, and the
        // connection
        // hangs until a timeout. Read by Netty when IoUring is first used.
        System.setProperty("io.netty.iouring.pollAddMultishotEnabled", "false");
        return switch (wanted) {
            case AUTO -> IoUring.isAvailable() ? ioUring() : Epoll.isAvailable() ? epoll() : nio();
            case IO_URING -> {
                requireWorking("io_uring", IoUring.unavailabilityCause());
                yield ioUring();
            }
            case EPOLL -> {
                requireWorking("epoll", Epoll.unavailabilityCause());
                yield epoll();
            }
            case NIO -> nio();
        };
    }

    /**
     * Whether the peer has reset the connection. After the peer's FIN no transport tells of a reset by itself; with NIO it
     * cannot be asked either, and only the next write shows it.
     */
    public static boolean isReset(Channel channel) {
        if (channel instanceof IoUringSocketChannel socket) {
            return socket.tcpInfo().state() == TCP_CLOSE;
        }
        return channel instanceof EpollSocketChannel socket && socket.tcpInfo().state() == TCP_CLOSE;
    }

    /**
     * Whether neither the FIN nor a reset of the peer has arrived, also if the event loop has not come to read it yet. Asks
     * the kernel; NIO cannot, and says yes.
     */
    public static boolean isEstablished(Channel channel) {
        if (channel instanceof IoUringSocketChannel socket) {
            return socket.tcpInfo().state() == TCP_ESTABLISHED;
        }
        return !(channel instanceof EpollSocketChannel socket)
                || socket.tcpInfo().state() == TCP_ESTABLISHED;
    }

    /**
     * Closes a connection; every close of ours goes this way. With io_uring Netty 4.2.18 waits at a close for what is in the
     * ring, and what then completes asks for another read, of which the kernel keeps the socket open for good (RATIONALE,
     * "io_uring and closes"). Who does not read asks for none; {@code setAutoRead(true)} must not follow.
     */
    public static void close(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof IoUringSocketChannel socket) {
            socket.config().setAutoRead(false);
        }
        ctx.close();
    }

    private static void requireWorking(String name, @Nullable Throwable cause) {
        if (cause != null) {
            throw new IllegalStateException("transport " + name + " does not work here: " + cause.getMessage(), cause);
        }
    }

    private static NettyTransport ioUring() {
        return new NettyTransport(
                "io_uring",
                IoUringIoHandler.newFactory(),
                IoUringServerSocketChannel.class,
                IoUringSocketChannel.class,
                true);
    }

    private static NettyTransport epoll() {
        return new NettyTransport(
                "epoll", EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class, true);
    }

    private static NettyTransport nio() {
        return new NettyTransport(
                "nio", NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class, false);
    }
}
