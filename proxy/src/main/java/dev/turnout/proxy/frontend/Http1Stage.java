package dev.turnout.proxy.frontend;

import dev.turnout.proxy.connection.HeadMemory;
import dev.turnout.proxy.connection.Http1Output;
import dev.turnout.proxy.connection.NettyTransport;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.exchange.ClientStream;
import dev.turnout.proxy.exchange.Exchange;
import dev.turnout.proxy.exchange.ProxyError;
import dev.turnout.proxy.http.BodyReader;
import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadParser;
import dev.turnout.proxy.observe.ExchangeObserver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. One HTTP/1.1 client connection: reads one request at a time, hands it to an exchange, and
 * writes the answer. What comes before an answer is whole (pipelining) waits, and the socket is not read meanwhile.
 */
final class Http1Stage extends ChannelInboundHandlerAdapter implements ClientStream {

    private static final Logger LOG = LoggerFactory.getLogger(Http1Stage.class);

    private enum Reading {
        HEAD,
        BODY,
        /** The request is whole, its answer is not. */
        NOTHING,
        TUNNEL,
        /** The answer is written, the connection closes as soon as the client has had time to read it. */
        LINGER,
        CLOSED
    }

    private final ListenerContext listener;
    private final Worker worker;
    private final Head head;
    /** As {@link dev.turnout.proxy.connection.HeadMemory} has it. */
    private int headCounted;

    private final HeadParser parser;
    private final BodyReader body;
    private final RequestGate gate;
    private final ClientAddresses told;
    private final @Nullable ProxyError refusalAtStart;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimer);

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Http1Output out;
    private @Nullable ResponseWriter response;
    private @Nullable ClientPeer peer;
    private @Nullable Exchange exchange;
    /** Read from the socket and not yet looked at, because an exchange is under way. */
    private @Nullable ByteBuf waiting;

    private Reading reading = Reading.HEAD;
    private boolean consuming;
    private boolean closing;
    private boolean clientEnded;
    private boolean cut;
    /** When the first byte of the request in hand came. */
    private long begunAt;
    /** What the client had not taken when last looked at. */
    private long untaken;

    Http1Stage(ListenerContext listener, Worker worker) {
        this(listener, worker, ClientAddresses.OWN, null);
    }

    /**
     * A connection of which a PROXY protocol header told something.
     *
     * @param refusal why the connection is refused; null if it is not
     */
    Http1Stage(ListenerContext listener, Worker worker, ClientAddresses told, @Nullable ProxyError refusal) {
        this.told = told;
        this.refusalAtStart = refusal;
        this.listener = listener;
        this.worker = worker;
        this.head = new Head(ListenerContext.HEAD_CAPACITY);
        this.parser = HeadParser.forRequests(listener.limits());
        this.body = new BodyReader(listener.limits());
        this.gate = new RequestGate(listener, worker);
    }

    /** Makes the next answer the last one of this connection. */
    void announceClose() {
        closing = true;
    }

    /** Lets the exchange in hand finish, and closes the connection after it, or at once if there is none. */
    void closeWhenIdle() {
        closing = true;
        if (isBetweenRequests()) {
            closeGently(true);
        }
    }

    /** Closes the connection now. */
    void closeNow() {
        Exchange current = exchange;
        if (current != null) {
            closing = true;
            current.refuse(ProxyError.SHUTTING_DOWN);
        } else {
            close();
        }
    }

    /** Runs {@code action} on the event loop of this connection. */
    void onEventLoop(Consumer<Http1Stage> action) {
        worker.eventLoop().execute(() -> {
            worker.tick();
            action.accept(this);
        });
    }

    // ---- Reading requests

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        Http1Output output = new Http1Output(ctx);
        this.out = output;
        this.response = new ResponseWriter(head, output);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        worker.observer().connectionOpened(ExchangeObserver.Side.CLIENT);
        if (!(ctx.channel().remoteAddress() instanceof InetSocketAddress from)) {
            // io_uring asks for the address after accepting, and the client may have reset the connection by then.
            close();
            return;
        }
        InetSocketAddress client = told.client() == null ? from : told.client();
        peer = listener.peerOf(client);
        worker.timers().set(timer, worker.tick() + listener.requestHeadNanos());
        switch (listener.clients().admit(this, client.getAddress(), peer().isTrusted())) {
            case ADMITTED -> {
                if (refusalAtStart != null) {
                    turnAway(refusalAtStart);
                }
            }
            case TOO_MANY -> turnAway(ProxyError.TOO_MANY_CONNECTIONS);
            case TOO_MANY_OF_ADDRESS -> turnAway(ProxyError.TOO_MANY_CONNECTIONS_OF_ADDRESS);
        }
        // Asked last: whoever ends the process announces it first, and then tells all that were admitted.
        closing |= listener.clients().isEnding();
    }

    private void turnAway(ProxyError error) {
        Exchange refused = new Exchange(listener.rules(), worker, this, head, worker.now());
        exchange = refused;
        closing = true;
        refused.refuse(error);
        if (listener.clients().isFlooded()) {
            // Waiting until each has read its answer would cost the descriptors that others need.
            cut();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        worker.tick();
        ByteBuf in = (ByteBuf) msg;
        ByteBuf before = waiting;
        if (before != null) {
            // Reading was stopped, but this was on its way already.
            waiting = ctx.alloc()
                    .buffer(before.readableBytes() + in.readableBytes())
                    .writeBytes(before)
                    .writeBytes(in);
            before.release();
            in.release();
        } else {
            consume(in);
        }
    }

    /** Takes over {@code in}; what it cannot look at yet it keeps in {@link #waiting}. */
    private void consume(ByteBuf in) {
        consuming = true;
        try {
            while (in.isReadable() && reading != Reading.NOTHING && reading != Reading.CLOSED) {
                switch (reading) {
                    case HEAD -> readHead(in);
                    case BODY -> readBody(in);
                    case TUNNEL -> exchange().requestBody(in.readRetainedSlice(in.readableBytes()));
                    case LINGER -> in.skipBytes(in.readableBytes());
                    case NOTHING, CLOSED -> throw new AssertionError(reading);
                }
            }
        } finally {
            consuming = false;
            if (in.isReadable() && reading == Reading.NOTHING) {
                waiting = in;
                ctx().channel().config().setAutoRead(false);
            } else {
                in.release();
            }
        }
        flushBoth();
    }

    private void flushBoth() {
        Exchange current = exchange;
        if (current != null) {
            current.flushRequest();
        }
        if (reading != Reading.CLOSED) {
            out().flush();
        }
    }

    private void readHead(ByteBuf in) {
        boolean first = !parser.isStarted();
        if (first) {
            begunAt = worker.now();
        }
        HeadParser.Result result = parser.parse(in, head);
        if (result == HeadParser.Result.REFUSED && !parser.isStarted()) {
            // Refused before its first byte was taken in: what is there belongs to the request before.
            head.reset();
        }
        if (!countHead()) {
            closing = true;
            exchange = new Exchange(listener.rules(), worker, this, head, begunAt);
            exchange.refuse(ProxyError.TOO_MANY_LARGE_HEADS);
            // It has grown before it could be counted, and the connection may linger.
            head.reset();
            return;
        }
        if (result == HeadParser.Result.INCOMPLETE) {
            if (first && parser.isStarted()) {
                worker.timers().set(timer, worker.now() + listener.requestHeadNanos());
            }
            return;
        }
        Exchange begun = new Exchange(listener.rules(), worker, this, head, begunAt);
        exchange = begun;
        if (result == HeadParser.Result.REFUSED) {
            closing = true;
            begun.refuse(ProxyError.of(parser.fault()));
            return;
        }
        closing |= !head.isKeepAlive() || gate.isLast();
        ProxyError refusal = gate.refusal(head, peer());
        if (refusal != null) {
            if (head.bodyLength() == 0) {
                reading = Reading.NOTHING;
            }
            begun.refuse(refusal);
            return;
        }
        body.start(head.bodyLength());
        if (body.isComplete()) {
            endRequest(null);
        } else {
            reading = Reading.BODY;
            gate.beginBody(head);
            worker.timers().set(timer, worker.now() + BodyRate.WINDOW_NANOS);
        }
        begun.start();
    }

    /** Whether there is room for what the head has grown to. */
    private boolean countHead() {
        int bytes = head.bytes().length;
        if (bytes <= HeadMemory.USUAL) {
            return true;
        }
        int counted = worker.heads().count(headCounted, bytes);
        if (counted < 0) {
            return false;
        }
        headCounted = counted;
        return true;
    }

    private void readBody(ByteBuf in) {
        Exchange current = exchange();
        ByteBuf piece = body.next(in);
        if (piece != null) {
            if (gate.isTooLong(piece.readableBytes())) {
                piece.release();
                closing = true;
                current.refuse(ProxyError.BODY_TOO_LARGE);
                return;
            }
            current.requestBody(piece);
        }
        if (body.fault() != null) {
            closing = true;
            current.refuse(ProxyError.of(body.fault()));
        } else if (reading == Reading.BODY && body.isComplete()) {
            endRequest(body.trailers());
        }
    }

    private void endRequest(@Nullable Head trailers) {
        reading = Reading.NOTHING;
        exchange().requestEnd(trailers);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            worker.tick();
            onClientEnd();
        }
    }

    /** The client has sent all it will send; it may still want its answer (RFC 9112 section 9.6). */
    private void onClientEnd() {
        clientEnded = true;
        switch (reading) {
            case HEAD, LINGER -> closeGently(true);
            case BODY -> exchange().clientLeft();
            case TUNNEL -> {
                worker.timers().set(timer, worker.now() + ListenerContext.GONE_CHECK_NANOS);
                exchange().clientEndedTunnel();
            }
            case NOTHING -> askIfThere();
            case CLOSED -> {}
        }
    }

    /**
     * Looks after a client that has sent FIN while its request is under way. One that has left altogether looks the same until
     * something is written to it; what is held may take minutes, so an interim answer is (RFC 9110 section 15.2: a client
     * takes them unasked).
     */
    private void askIfThere() {
        worker.timers().set(timer, worker.now() + ListenerContext.GONE_CHECK_NANOS);
        Exchange current = exchange;
        if (current != null && current.isHeld()) {
            Head interim = new Head(64);
            interim.startResponse(102, "Processing");
            response().writeInformational(interim);
            out().flush();
        }
    }

    // ---- Writing the answer

    @Override
    public ClientPeer peer() {
        return Objects.requireNonNull(peer);
    }

    @Override
    public InetSocketAddress clientAddress() {
        return told.client() == null ? (InetSocketAddress) ctx().channel().remoteAddress() : told.client();
    }

    @Override
    public InetSocketAddress reachedAddress() {
        return told.reached() == null ? (InetSocketAddress) ctx().channel().localAddress() : told.reached();
    }

    @Override
    public boolean isPreview() {
        return listener.isPreview();
    }

    @Override
    public String protocol() {
        return head.minorVersion() == 0 ? "HTTP/1.0" : "HTTP/1.1";
    }

    @Override
    public void writeInformational(Head interim) {
        response().writeInformational(interim);
        gate.permitBody();
    }

    @Override
    public void writeHead(Head answer) {
        // Our own answer to a request that is not read to its end is the last on this connection.
        boolean last = closing
                || (clientEnded && waiting == null)
                || (reading != Reading.NOTHING && answer.find(FieldName.X_TURNOUT_ERROR) >= 0);
        closing = response().writeHead(answer, last);
    }

    @Override
    public void writeBody(ByteBuf data) {
        if (reading == Reading.CLOSED) {
            data.release();
        } else {
            response().writeBody(data);
        }
    }

    @Override
    public void writeEnd(@Nullable Head trailers) {
        response().writeEnd(trailers);
    }

    @Override
    public void becomeTunnel() {
        closing = true;
        reading = Reading.TUNNEL;
        readOn();
    }

    @Override
    public void shutdownOutput() {
        if (reading != Reading.CLOSED) {
            out().flushAndShutdown();
        }
    }

    @Override
    public void flush() {
        // While requests are read their answers are gathered, and flushed once at the end.
        if (!consuming && reading != Reading.CLOSED) {
            out().flush();
            if (!ctx().channel().isWritable()) {
                // What came after it had stopped taking was on its way already, and is not held against it.
                untaken = Math.max(untaken, out().pendingBytes());
            }
        }
    }

    @Override
    public void abort() {
        if (response().endsAtClose() && ctx().channel().isActive()) {
            // A close would look like the end of the body: only a reset tells the client that it is cut.
            ctx().channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        // What had been written goes out, so that the client sees an answer that is cut, and not none at all.
        out().flush();
        close();
    }

    @Override
    public boolean isWritable() {
        return worker.memory().isWritable(ctx().channel());
    }

    @Override
    public boolean isTaking() {
        long before = untaken;
        untaken = out().pendingBytes();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(listener.rules().idleNanos());
        return before - untaken >= Math.max(1, listener.bodyRate() * seconds);
    }

    @Override
    public void pauseReading() {
        gate.pauseBody();
        ctx().channel().config().setAutoRead(false);
    }

    @Override
    public void resumeReading() {
        gate.resumeBody();
        if (waiting == null) {
            readSocket();
        }
    }

    @Override
    public void exchangeDone() {
        gate.done();
        boolean requestWhole = reading == Reading.NOTHING;
        exchange = null;
        if (reading == Reading.CLOSED) {
            return;
        }
        if (!requestWhole) {
            closeGently(false);
            return;
        }
        // Whatever is left of the answer, its time begins now.
        untaken = Long.MAX_VALUE;
        worker.timers().set(timer, worker.now() + listener.keepAliveNanos());
        if (waiting != null && !closing) {
            // After the read in hand: only then is the backend's connection known to have nothing behind its answer.
            worker.eventLoop().execute(this::takeWaiting);
        } else {
            takeWaiting();
        }
    }

    private void takeWaiting() {
        // Else the next request waits until answers are taken: a client that only asks must not fill the memory.
        if (reading == Reading.NOTHING && exchange == null && isWritable()) {
            nextRequest();
        }
    }

    private void nextRequest() {
        if (closing || (clientEnded && waiting == null)) {
            closeGently(true);
            return;
        }
        reading = Reading.HEAD;
        parser.reset();
        forgetHead();
        if (!consuming) {
            readOn();
        }
    }

    /** Gives the memory of a long head back at once: the next request may be long in coming. */
    private void forgetHead() {
        if (headCounted > 0) {
            worker.heads().release(headCounted);
            headCounted = 0;
            head.reset();
        }
    }

    /** No exchange is under way, and no byte of the next request has been looked at. */
    private boolean isBetweenRequests() {
        return exchange == null && (reading == Reading.NOTHING || (reading == Reading.HEAD && !parser.isStarted()));
    }

    /** Looks at what waited, and lets the socket be read again. */
    private void readOn() {
        ByteBuf next = waiting;
        waiting = null;
        if (next != null) {
            try {
                consume(next);
            } catch (RuntimeException | Error fault) {
                // Often called by a backend's connection, whose fault this is not.
                exceptionCaught(ctx(), fault);
                return;
            }
        }
        if (waiting == null && reading != Reading.CLOSED) {
            if (clientEnded) {
                onClientEnd();
            } else if (!ctx().channel().config().isAutoRead()) {
                readSocket();
            }
        }
    }

    // ---- The end

    /**
     * Closes after the answer has left. If the client is still sending, a close at once would reset the connection and
     * could destroy the answer on its way (RFC 9112 section 9.6): then only our side is closed, and what comes is thrown
     * away for a while.
     */
    private void closeGently(boolean requestWhole) {
        // If reading was stopped the client may have sent more, in waiting or in the socket.
        boolean nothingMoreComes =
                clientEnded || (requestWhole && ctx().channel().config().isAutoRead());
        dropWaiting();
        if (nothingMoreComes) {
            reading = Reading.CLOSED;
            worker.timers().set(timer, worker.now() + listener.rules().idleNanos());
            out().flushAndClose();
        } else {
            reading = Reading.LINGER;
            worker.timers().set(timer, worker.now() + ListenerContext.LINGER_NANOS);
            out().flushAndShutdown();
            readSocket();
        }
        untaken = out().pendingBytes();
    }

    private void close() {
        if (reading != Reading.CLOSED) {
            reading = Reading.CLOSED;
            worker.timers().cancel(timer);
            dropWaiting();
            out().discard();
            cut();
        }
    }

    /** Closes the connection; all that is to be done at its end is done when it has ended. */
    private void cut() {
        cut = true;
        NettyTransport.close(ctx());
    }

    private void readSocket() {
        if (!cut && reading != Reading.CLOSED) {
            ctx().channel().config().setAutoRead(true);
        }
    }

    private void dropWaiting() {
        ByteBuf dropped = waiting;
        waiting = null;
        if (dropped != null) {
            dropped.release();
        }
    }

    private void onTimer() {
        if (exchange != null && clientEnded) {
            if (NettyTransport.isReset(ctx().channel())) {
                cut();
            } else {
                askIfThere();
            }
        } else if (reading == Reading.HEAD && parser.isStarted()) {
            closing = true;
            exchange = new Exchange(listener.rules(), worker, this, head, begunAt);
            exchange.refuse(ProxyError.REQUEST_TIMEOUT);
        } else if (reading == Reading.BODY) {
            if (gate.isTooSlow()) {
                closing = true;
                exchange().refuse(ProxyError.BODY_TOO_SLOW);
            } else if (exchange().isHeld() && !NettyTransport.isEstablished(ctx().channel())) {
                // It has left, or will send no more than what is unread: either way the request will not be whole.
                cut();
            } else {
                worker.timers().set(timer, worker.now() + BodyRate.WINDOW_NANOS);
            }
        } else if (exchange == null) {
            if (out().pendingBytes() > 0 && isTaking()) {
                // Not idle: it is slow to take the answer.
                worker.timers().set(timer, worker.now() + listener.rules().idleNanos());
            } else {
                close();
                cut();
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            untaken = out().pendingBytes();
            return;
        }
        worker.tick();
        Exchange current = exchange;
        if (current != null) {
            current.clientWritable();
        } else if (reading == Reading.NOTHING) {
            nextRequest();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        worker.tick();
        Exchange current = exchange;
        close();
        worker.timers().cancel(timer);
        if (current != null) {
            current.clientLeft();
        }
        forgetHead();
        ClientPeer known = peer;
        if (known != null) {
            listener.clients().leave(this, known.inetAddress(), known.isTrusted());
        }
        worker.observer().connectionClosed(ExchangeObserver.Side.CLIENT);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            cut();
            return;
        }
        LOG.error(
                "connection from {} is closed after a fault of ours",
                ctx.channel().remoteAddress(),
                cause);
        closing = true;
        Exchange current = exchange;
        if (current != null) {
            current.refuse(ProxyError.INTERNAL_ERROR);
        }
        if (exchange == current) {
            // There was none that could be answered.
            cut();
        }
    }

    private Exchange exchange() {
        return Objects.requireNonNull(exchange);
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    private ResponseWriter response() {
        return Objects.requireNonNull(response);
    }

    private Http1Output out() {
        return Objects.requireNonNull(out);
    }
}
