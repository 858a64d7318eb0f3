package dev.turnout.proxy.connection;

import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.ResponseListener.Failure;
import dev.turnout.proxy.http.BodyReader;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadLimits;
import dev.turnout.proxy.http.HeadParser;
import dev.turnout.proxy.http.HeadWriter;
import dev.turnout.proxy.http.Method;
import dev.turnout.proxy.routing.InFlightView;
import dev.turnout.proxy.routing.LongLived;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. One HTTP/1.1 connection to a backend, for one exchange at a time. Whatever the backend sends
 * that does not belong to the exchange in hand closes the connection, so that no answer ever reaches the wrong client.
 */
public final class BackendConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(BackendConnection.class);

    /** Interim responses to one request; more is a flood. */
    private static final int MAX_INFORMATIONAL = 16;

    private static final int HEAD_CAPACITY = 512;

    private enum State {
        /** No exchange: fresh, in the connection pool, or between the end of a response and {@link #release}. */
        UNUSED,
        HEAD,
        BODY,
        TUNNEL,
        CLOSED
    }

    private final Worker worker;
    private final ConnectionPool pool;
    private final Backend backend;
    private final HeadParser parser;
    private final Head head = new Head(HEAD_CAPACITY);
    private final BodyReader body;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimer);

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Http1Output out;
    private @Nullable ResponseListener listener;
    private State state = State.UNUSED;
    private boolean reused;
    private boolean reusable = true;
    private boolean requestEnded = true;
    private boolean chunkedRequest;
    /** Something of the request was handed to the transport: nobody knows what became of it. */
    private boolean sent;
    /** A read or a write has failed. */
    private boolean broken;
    /** What the socket had is being taken from it. */
    private boolean reading;
    /** Released meanwhile: kept for another exchange when nothing that nobody asked for was behind the answer. */
    private boolean keptWhenRead;

    private int informational;
    private long lastByteAt;
    private long begunAt;
    private long idleSince;
    private long idleUntil;
    /** What the backend last said of it. */
    private long toldIdleNanos = KeepAliveField.UNKNOWN;

    BackendConnection(Worker worker, ConnectionPool pool, Backend backend, HeadLimits limits) {
        this.worker = worker;
        this.pool = pool;
        this.backend = backend;
        this.parser = HeadParser.forResponses(limits);
        this.body = new BodyReader(limits);
    }

    public Backend backend() {
        return backend;
    }

    /** Whether another exchange used it before: then it may turn out to be closed by the backend. */
    public boolean isReused() {
        return reused;
    }

    /** Begins an exchange; its events go to {@code listener}. */
    public void begin(ResponseListener listener, Method method) {
        this.listener = listener;
        state = State.HEAD;
        parser.reset();
        parser.expectResponseTo(method);
        requestEnded = false;
        sent = false;
        informational = 0;
        lastByteAt = worker.now();
        begunAt = lastByteAt;
    }

    /** Begins a fresh connection with a PROXY protocol header; it then serves this one exchange alone. */
    public void writeProxyHeader(InetSocketAddress client, InetSocketAddress reached) {
        ProxyHeaderWriter.write(backend.proxyProtocol(), client, reached, out().space(ProxyHeaderWriter.LONGEST));
    }

    /** Begins a fresh connection that is Turnout's own, if the backend is told who the client of one is. */
    public void writeLocalHeader() {
        if (backend.proxyProtocol() != ProxyProtocol.OFF) {
            ProxyHeaderWriter.writeLocal(backend.proxyProtocol(), out().space(ProxyHeaderWriter.LONGEST));
        }
    }

    /** Writes the head of a request, with its edits; what was written leaves with {@link #flush}. */
    public void writeHead(Head request) {
        chunkedRequest = request.bodyLength() == Head.CHUNKED;
        HeadWriter.writeRequest(request, out().space(HeadWriter.sizeOf(request)));
    }

    /** Writes the head of a request without a body, as it is; takes it over. */
    public void writeHead(ByteBuf written) {
        chunkedRequest = false;
        out().write(written);
    }

    /** Writes a piece of the body; takes it over. */
    public void writeBody(ByteBuf data) {
        if (state == State.CLOSED) {
            data.release();
            return;
        }
        lastByteAt = worker.now();
        if (chunkedRequest) {
            out().writeChunk(data);
        } else {
            out().write(data);
        }
    }

    /** The request is whole. */
    public void writeEnd(@Nullable Head trailers) {
        requestEnded = true;
        if (chunkedRequest && state != State.CLOSED) {
            out().writeLastChunk(trailers);
        }
    }

    /** Hands what was written to the transport. */
    public void flush() {
        if (isOpen()) {
            sent = true;
            out().flush();
        }
    }

    /** Whether the backend takes what is written. */
    public boolean isWritable() {
        return worker.memory().isWritable(ctx().channel());
    }

    public void pauseReading() {
        ctx().channel().config().setAutoRead(false);
    }

    public void resumeReading() {
        if (state != State.CLOSED) {
            ctx().channel().config().setAutoRead(true);
        }
    }

    /** When {@link ResponseListener#onDeadline} is to be called; replaces the last one. */
    public void setDeadline(long nanos) {
        if (state != State.CLOSED) {
            worker.timers().set(timer, nanos);
        }
    }

    /** After a 101: from now on bytes pass in both directions as they are. */
    public void becomeTunnel() {
        state = State.TUNNEL;
        // From here on the end of what the backend sends is not the end of what it takes.
        ctx().channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        chunkedRequest = false;
        reusable = false;
    }

    /** Closes our side of a tunnel once what was written has left. */
    public void shutdownOutput() {
        if (state != State.CLOSED) {
            out().flushAndShutdown();
        }
    }

    /** The exchange is over: keeps the connection for another one if that is safe, else closes it. */
    public void release() {
        listener = null;
        if (isOpen()
                && state == State.UNUSED
                && reusable
                && backend.proxyProtocol() == ProxyProtocol.OFF
                && requestEnded
                && !broken
                && toldIdleNanos != 0) {
            reused = true;
            idleSince = worker.now();
            idleUntil = idleSince + (toldIdleNanos > 0 ? toldIdleNanos : pool.idleNanos());
            if (!ctx().channel().config().isAutoRead()) {
                resumeReading();
            }
            worker.timers().set(timer, idleUntil);
            if (reading) {
                keptWhenRead = true;
                return;
            }
            if (pool.keep(this)) {
                return;
            }
        }
        close();
    }

    /** Closes the connection; the listener hears nothing more. */
    public void close() {
        listener = null;
        if (state != State.CLOSED) {
            state = State.CLOSED;
            worker.timers().cancel(timer);
            out().discard();
            NettyTransport.close(ctx());
        }
    }

    /** Whether neither side has closed it, as far as is known. */
    boolean isOpen() {
        return state != State.CLOSED && ctx().channel().isActive();
    }

    /** Whether it is open, and its backend will not close it before a request is there. */
    boolean isFitForUse() {
        return isFitFor(0);
    }

    /** The same for a request that comes within that time. */
    boolean isFitFor(long nanos) {
        return isOpen() && idleUntil - worker.now() > nanos;
    }

    /** Whether the kernel knows nothing of an end of it either. */
    boolean isEstablished() {
        return NettyTransport.isEstablished(ctx().channel());
    }

    /** When its last exchange ended. */
    long idleSince() {
        return idleSince;
    }

    boolean isQuietFor(long nanos) {
        return listener != null && System.nanoTime() - lastByteAt >= nanos;
    }

    /** What is on it now, for people; null if nothing is. */
    @Nullable
    InFlightView view() {
        return listener == null ? null : listener.view();
    }

    /** Whether that is on it now, and not being ended. */
    boolean carries(LongLived kind) {
        return listener != null && listener.longLived() == kind;
    }

    /** Ends what is on it, as its protocol has it. */
    void endExchange() {
        ResponseListener told = listener;
        if (told != null) {
            told.onEnd();
        }
    }

    /** When its exchange began, by {@link System#nanoTime}. */
    long begunAt() {
        return begunAt;
    }

    void abandon() {
        ResponseListener told = listener;
        if (told != null) {
            told.onAbandon();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        this.out = new Http1Output(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        lastByteAt = worker.tick();
        reading = true;
        try {
            while (in.isReadable() && state != State.CLOSED) {
                switch (state) {
                    case HEAD -> readHead(in);
                    case BODY -> readBody(in);
                    case TUNNEL -> listener().onTunnelBytes(in.readRetainedSlice(in.readableBytes()));
                    // Bytes that no request asked for.
                    case UNUSED, CLOSED -> close();
                }
            }
        } finally {
            in.release();
        }
    }

    private void readHead(ByteBuf in) {
        switch (parser.parse(in, head)) {
            case INCOMPLETE -> {}
            case REFUSED -> fail(Failure.INVALID_RESPONSE);
            case COMPLETE -> {
                if (head.status() < 200 && head.status() != 101) {
                    readInformational();
                } else {
                    readFinal(in);
                }
            }
        }
    }

    private void readInformational() {
        if (++informational > MAX_INFORMATIONAL) {
            fail(Failure.INVALID_RESPONSE);
            return;
        }
        listener().onInformational(head);
    }

    private void readFinal(ByteBuf in) {
        state = State.BODY;
        reusable = head.isKeepAlive();
        long told = KeepAliveField.idleNanos(head);
        if (told != KeepAliveField.UNKNOWN) {
            toldIdleNanos = told;
        }
        body.start(head.bodyLength());
        listener().onResponseHead(head);
        if (state == State.BODY && body.isComplete()) {
            end(in.isReadable(), null);
        }
    }

    private void readBody(ByteBuf in) {
        ByteBuf piece = body.next(in);
        if (piece != null) {
            listener().onResponseBody(piece);
            if (state != State.BODY) {
                return;
            }
        }
        if (body.fault() != null) {
            fail(Failure.INVALID_RESPONSE);
        } else if (body.isComplete()) {
            end(in.isReadable(), body.trailers());
        }
    }

    /** @param more whether bytes follow that belong to no response: then this connection is used no more */
    private void end(boolean more, @Nullable Head trailers) {
        reusable &= !more;
        state = State.UNUSED;
        listener().onResponseEnd(trailers);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        ResponseListener told = listener;
        if (told != null) {
            told.onReadComplete();
        } else if (keptWhenRead) {
            keptWhenRead = false;
            if (!isOpen() || !pool.keep(this)) {
                close();
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ResponseListener told = listener;
        if (told != null && ctx.channel().isWritable()) {
            worker.tick();
            lastByteAt = worker.now();
            told.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        worker.tick();
        if (state == State.BODY && body.endsAtClose() && !broken) {
            reusable = false;
            end(false, null);
        } else if (listener != null) {
            boolean answered = state != State.HEAD || parser.isStarted() || informational > 0;
            fail(
                    answered
                            ? Failure.CLOSED_IN_RESPONSE
                            : sent ? Failure.CLOSED_WITHOUT_RESPONSE : Failure.CLOSED_BEFORE_REQUEST);
        }
        close();
        pool.closed(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && state == State.TUNNEL) {
            worker.tick();
            listener().onTunnelEnd();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // After a failed read the transport closes the connection by itself; after a failed write there may still be an
        // answer to read.
        broken = true;
        if (!(cause instanceof IOException)) {
            LOG.error("connection to {} is closed after a fault of ours", backend, cause);
            fail(Failure.OUR_FAULT);
        } else if (state == State.TUNNEL) {
            fail(Failure.CLOSED_IN_RESPONSE);
        }
    }

    private void fail(Failure failure) {
        ResponseListener told = listener;
        close();
        if (told != null) {
            told.onFailure(failure);
        }
    }

    private void onTimer() {
        ResponseListener told = listener;
        if (told == null) {
            close();
        } else {
            told.onDeadline();
        }
    }

    private ResponseListener listener() {
        return Objects.requireNonNull(listener);
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    private Http1Output out() {
        return Objects.requireNonNull(out);
    }
}
