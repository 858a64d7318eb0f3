package dev.turnout.config;

import java.util.List;
import java.util.Objects;

/**
 * Immutable. One address on which clients are served.
 *
 * @param maxBody bytes of a request body
 * @param proxyProtocolFrom peers that begin each connection with a PROXY protocol header; all others must not
 * @param preview whether all that comes here goes to the idle colour
 */
public record ListenerSettings(SocketBind bind, long maxBody, List<CidrBlock> proxyProtocolFrom, boolean preview) {

    public ListenerSettings {
        Objects.requireNonNull(bind);
        proxyProtocolFrom = List.copyOf(proxyProtocolFrom);
    }
}
