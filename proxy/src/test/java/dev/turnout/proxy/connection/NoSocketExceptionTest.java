package dev.turnout.proxy.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What transports throw, as they were seen to word it on Linux. */
class NoSocketExceptionTest {

    static Stream<Throwable> ours() {
        return Stream.of(
                new ChannelException(
                        "Unable to create Channel from class class io.netty.channel.epoll.EpollSocketChannel",
                        new ChannelException(
                                new IOException("newSocketStream(..) failed with error(-24): Too many open files"))),
                new ChannelException("Failed to open a socket.", new SocketException("Too many open files")),
                new ConnectException(
                        "connect(..) failed with error(-99): Die angeforderte Adresse kann nicht zugewiesen werden: /127.0.0.1:9"),
                new IOException("io_uring connect(..) failed with error(-105): No buffer space available"),
                new BindException("Cannot assign requested address: /127.0.0.1:9101"),
                new SocketException("No buffer space available"),
                new IOException("Cannot allocate memory"),
                new IOException("Too many open files in system"));
    }

    static Stream<Throwable> theirs() {
        return Stream.of(
                new ConnectException("connect(..) failed with error(-111): Connection refused: /127.0.0.1:9101"),
                new ConnectException("Connection refused: /127.0.0.1:9101"),
                new ConnectTimeoutException("connection timed out after 2000 ms: /10.0.0.1:80"),
                new IOException("connect(..) failed with error(-113): No route to host"),
                new NoSlotException(),
                new IOException((String) null));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void shortageOfOursIsNoFaultOfABackend(Throwable cause) {
        Throwable told = NoSocketException.orElse(cause);

        assertThat(told).isInstanceOf(NoSocketException.class).hasCause(cause);
    }

    @ParameterizedTest
    @MethodSource("theirs")
    void whatABackendDoesStaysWhatItIs(Throwable cause) {
        assertThat(NoSocketException.orElse(cause)).isSameAs(cause);
    }
}
