package dev.turnout.proxy.frontend;

import dev.turnout.proxy.connection.Http1Output;
import dev.turnout.proxy.http.Framing;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Writes the responses of one client connection, one after the other, each in the framing that
 * its client understands. It does not flush.
 */
final class ResponseWriter {

    private static final byte[] CONNECTION = "Connection".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);

    private final Head request;
    private final Http1Output out;
    private boolean chunked;
    private boolean endsAtClose;

    /** @param request the head of the request in hand, whichever that is */
    ResponseWriter(Head request, Http1Output out) {
        this.request = request;
        this.out = out;
    }

    /** Writes an interim response, if the client can take one. */
    void writeInformational(Head interim) {
        if (request.minorVersion() > 0) {
            Framing.append(interim, 0);
            HeadWriter.writeResponse(interim, out.space(HeadWriter.sizeOf(interim)));
        }
    }

    /**
     * Writes the head of a final response, or of a 101.
     *
     * @param last whether the connection closes after it in any case
     * @return whether it closes after it, which it may have to for the end of the body to be known
     */
    boolean writeHead(Head response, boolean last) {
        long length = response.bodyLength();
        chunked = length == Head.CHUNKED && request.minorVersion() > 0;
        endsAtClose = length == Head.UNTIL_CLOSE || (length == Head.CHUNKED && !chunked);
        boolean closes = last || endsAtClose;
        if (chunked || response.status() == 204 || response.status() == 101) {
            // The last two must not have the Content-Length that may have come (RFC 9110 section 8.6).
            Framing.append(response, chunked ? Head.CHUNKED : 0);
        }
        if (response.status() != 101) {
            if (closes) {
                response.append(CONNECTION, CLOSE);
            } else if (request.minorVersion() == 0) {
                response.append(CONNECTION, KEEP_ALIVE);
            }
        }
        HeadWriter.writeResponse(response, out.space(HeadWriter.sizeOf(response)));
        return closes;
    }

    /** Writes a piece of the body; takes it over. */
    void writeBody(ByteBuf data) {
        if (chunked) {
            out.writeChunk(data);
        } else {
            out.write(data);
        }
    }

    /** The response is whole. */
    void writeEnd(@Nullable Head trailers) {
        if (chunked) {
            out.writeLastChunk(trailers);
        }
    }

    /** Whether a client would take a close, now, for the end of the body. */
    boolean endsAtClose() {
        return endsAtClose;
    }
}
