package dev.turnout.proxy.connection;

import dev.turnout.config.Settings;
import dev.turnout.config.Transport;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.http.HeadLimits;
import dev.turnout.proxy.observe.ExchangeObserver;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Confined to one thread. A worker whose connections are all embedded: it opens no socket. */
public final class SocketlessWorker {

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final Worker worker;
    private final List<EmbeddedChannel> connections = new ArrayList<>();

    /** Every connect fails. */
    public SocketlessWorker(Settings settings, ExchangeObserver observer) {
        this(settings, observer, NettyTransport.choose(Transport.NIO).socket());
    }

    /** @param socket what is made for a connect, and says how that goes */
    public SocketlessWorker(Settings settings, ExchangeObserver observer, Class<? extends Channel> socket) {
        NettyTransport nio = NettyTransport.choose(Transport.NIO);
        NettyTransport transport =
                new NettyTransport(nio.name(), nio.ioHandlers(), nio.serverSocket(), socket, nio.sharesPorts());
        worker = new Worker(0, loop.eventLoop(), observer, transport, settings);
        try {
            NoopAddressResolverGroup.INSTANCE.getResolver(loop.eventLoop());
        } catch (UnsupportedOperationException expected) {
            // Once for each loop Netty wants to hear of its end, and this one has none; the next call finds the
            // resolver.
        }
    }

    public Worker worker() {
        return worker;
    }

    /** An idle connection in the connection pool; what is written to it is its outbound. */
    public EmbeddedChannel idleConnection(Backend backend) {
        BackendConnection connection =
                new BackendConnection(worker, worker.connections(), backend, new HeadLimits(8192, 32768, 100));
        EmbeddedChannel channel = new HalfClosableChannel(connection);
        worker.connections().opened(connection);
        connection.release();
        connections.add(channel);
        return channel;
    }

    /** Closes all connections, and releases what nobody took of what was written to them. */
    public void close() {
        connections.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    /** Runs what the event loop was given to do later. */
    public void runTasks() {
        loop.runPendingTasks();
    }

    /** Lets timers that are due by then go off. */
    public void runTimersAfter(Duration time) {
        worker.timers().advance(worker.tick() + time.toNanos());
    }
}
