package dev.turnout.proxy.frontend;

import dev.turnout.config.Colour;
import dev.turnout.config.HealthSettings;
import dev.turnout.config.Settings;
import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.backend.PendingQueue;
import dev.turnout.proxy.connection.SocketlessWorker;
import dev.turnout.proxy.control.FirstTable;
import dev.turnout.proxy.control.LoadedState;
import dev.turnout.proxy.exchange.ExchangeRules;
import dev.turnout.proxy.mirror.Mirror;
import dev.turnout.proxy.observe.ExchangeObserver;
import dev.turnout.proxy.observe.ExchangeView;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.routing.DrainOrder;
import dev.turnout.proxy.routing.Orders;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.Switchboard;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Confined to one thread. A traffic plane of one worker without sockets, and what its observer was told. */
final class Edge implements ExchangeObserver {

    final SocketlessWorker worker;
    final ListenerContext context;
    final RoutingTable table;
    final Evidence evidence = new Evidence(1);
    final Mirror mirror = new Mirror(Clock.systemUTC());
    private final Switchboard switchboard;
    private final List<ClientChannel> channels = new ArrayList<>();

    /** What became of each exchange: the error, or the status. */
    final List<String> finished = new ArrayList<>();

    /** By what each of them went where it went. */
    final List<String> routed = new ArrayList<>();

    /** Why there were further attempts. */
    final List<String> retried = new ArrayList<>();

    int started;
    int clients;
    int backends;

    /** What a backend sends, each character a byte. */
    static void answer(EmbeddedChannel backend, String bytes) {
        backend.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    }

    /** What was sent to that channel and not taken yet. */
    static String taken(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
            text.append(each.toString(StandardCharsets.ISO_8859_1));
            each.release();
        }
        return text.toString();
    }

    /** All defaults, but these backends of the blue pool, taken in turn. */
    static SettingsBuilder settings(String... blue) {
        return new SettingsBuilder()
                .listener("127.0.0.1:0")
                .set("balancer", "round-robin")
                .health(HealthSettings.Kind.NONE)
                .blue(blue);
    }

    Edge(SettingsBuilder builder) {
        this(builder, NioSocketChannel.class);
    }

    /** @param socket what is made for a connect to a backend, and says how that goes */
    Edge(SettingsBuilder builder, Class<? extends Channel> socket) {
        Settings settings = builder.build();
        table = FirstTable.make(settings, new LoadedState(Optional.empty(), Optional.empty()), 1);
        switchboard = new Switchboard(table);
        worker = new SocketlessWorker(settings, this, socket);
        context = new ListenerContext(
                settings.listeners().get(0),
                settings,
                ExchangeRules.of(settings, switchboard, evidence, mirror),
                SharedLimits.of(settings, settings.limits().connections(), 1));
    }

    /** Makes green active. */
    void switchToGreen() {
        Instant now = Instant.EPOCH;
        switchboard.publish(
                table.withActive(Colour.GREEN, new DrainOrder(Colour.BLUE, now, now, DrainOrder.OnDeadline.REPORT)));
    }

    /** Gives the blue pool these members. */
    void setBlue(List<Pool.Member> members) {
        switchboard.publish(table.withPool(table.blue().with(Optional.empty(), members)));
    }

    /** Puts these orders in force. */
    void order(Orders orders) {
        RoutingTable next = table.withOrders(orders);
        mirror.follow(next);
        switchboard.publish(next);
    }

    /** Requests that wait for room in the blue pool. */
    PendingQueue pending() {
        return switchboard.pending(Colour.BLUE);
    }

    /** Closes all connections, and releases what nobody took of what was written to them. */
    void close() {
        channels.forEach(ClientChannel::finishAndReleaseAll);
        worker.close();
        mirror.close();
    }

    /** A client connects. */
    ClientChannel client() {
        ClientChannel client = new ClientChannel(stage());
        channels.add(client);
        return client;
    }

    Http1Stage stage() {
        return new Http1Stage(context, worker.worker());
    }

    Backend backend(int index) {
        return backend(Colour.BLUE, index);
    }

    Backend backend(Colour colour, int index) {
        return table.pool(colour).members().get(index).backend();
    }

    long inFlight() {
        return table.backends().stream().mapToLong(Backend::inFlight).sum();
    }

    void runTimersAfter(Duration time) {
        worker.runTimersAfter(time);
    }

    @Override
    public void started() {
        started++;
    }

    @Override
    public void finished(ExchangeView exchange) {
        String error = exchange.error();
        finished.add(error == null ? Integer.toString(exchange.status()) : error);
        routed.add(exchange.routed());
    }

    @Override
    public void retried(Colour colour, String reason) {
        retried.add(reason);
    }

    @Override
    public void connectionOpened(Side side) {
        count(side, 1);
    }

    @Override
    public void connectionClosed(Side side) {
        count(side, -1);
    }

    private void count(Side side, int change) {
        switch (side) {
            case CLIENT -> clients += change;
            case BACKEND -> backends += change;
        }
    }
}
