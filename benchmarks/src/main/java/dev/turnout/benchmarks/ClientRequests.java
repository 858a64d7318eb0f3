package dev.turnout.benchmarks;

import dev.turnout.proxy.request.KeyHash;
import dev.turnout.proxy.request.RequestHead;
import java.net.InetAddress;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Confined to one benchmark thread. Requests of many clients in turn, so that a balancer that hashes comes by all backends. */
@State(Scope.Thread)
public class ClientRequests {

    /** A power of two. */
    private static final int CLIENTS = 4096;

    private final RequestHead[] requests =
            IntStream.range(0, CLIENTS).mapToObj(ClientRequest::of).toArray(RequestHead[]::new);

    private int at;

    RequestHead next() {
        return requests[at++ & (CLIENTS - 1)];
    }

    /** Immutable. A request of which balancers may know the client, whose hash its connection keeps. */
    private record ClientRequest(long clientHash) implements RequestHead {

        static ClientRequest of(int client) {
            return new ClientRequest(KeyHash.of("client " + client));
        }

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String host() {
            return "example.org";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public @Nullable String field(String name) {
            return null;
        }

        @Override
        public @Nullable String cookie(String name) {
            return null;
        }

        @Override
        public InetAddress clientAddress() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public long fieldHash(String name) {
            return KeyHash.NONE;
        }

        @Override
        public long cookieHash(String name) {
            return KeyHash.NONE;
        }

        @Override
        public long pathHash() {
            return KeyHash.NONE;
        }
    }
}
