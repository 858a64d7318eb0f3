package dev.turnout.proxy.frontend;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. What a PROXY protocol header has told of a connection; null where the peer speaks for itself.
 *
 * @param client who the client is
 * @param reached where it connected to
 */
record ClientAddresses(
        @Nullable InetSocketAddress client, @Nullable InetSocketAddress reached) {

    /** Of a connection without a header. */
    static final ClientAddresses OWN = new ClientAddresses(null, null);
}
