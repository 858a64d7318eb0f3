package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.Head;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The client's side of one exchange, whatever its protocol: HTTP/1.1 implements it by a
 * connection, HTTP/2 will by a stream.
 */
public interface ClientStream {

    ClientPeer peer();

    /** Where the client connects from. Cold path. */
    InetSocketAddress clientAddress();

    /** Where the client connected to. Cold path. */
    InetSocketAddress reachedAddress();

    /** Whether it came over a listener that is bound to the idle colour. */
    boolean isPreview();

    /** {@code HTTP/1.1} and so on, for the log. */
    String protocol();

    /** Passes an interim response on, if the client can take one. */
    void writeInformational(Head head);

    /** Writes the head of the final response; {@link Head#bodyLength} says what follows. */
    void writeHead(Head head);

    /** Writes a piece of the body; takes it over. */
    void writeBody(ByteBuf data);

    /** The response is whole. */
    void writeEnd(@Nullable Head trailers);

    /** From now on bytes pass in both directions as they are. */
    void becomeTunnel();

    /** The backend sends no more through the tunnel: ends our side once what was written has left; the client may go on. */
    void shutdownOutput();

    void flush();

    /** Cuts the response off so that the client cannot take it for whole, and ends the connection. */
    void abort();

    /** Whether the client takes what is written. */
    boolean isWritable();

    /**
     * Whether the client, which is not writable, has at least been taking enough since this was last asked, or since it stopped
     * being writable.
     */
    boolean isTaking();

    /** Stops taking request body (or tunnel bytes) from the network. */
    void pauseReading();

    void resumeReading();

    /** The exchange is over; called exactly once, last. */
    void exchangeDone();
}
