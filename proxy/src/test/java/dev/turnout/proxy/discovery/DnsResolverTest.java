package dev.turnout.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.DnsSettings;
import dev.turnout.config.DnsSettings.Family;
import dev.turnout.proxy.routing.Found;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DnsResolverTest {

    private static final int HEADER = 12;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Set<String> asked = new CopyOnWriteArraySet<>();
    private final DatagramSocket server;

    @TempDir
    Path folder;

    DnsResolverTest() throws IOException {
        server = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread thread = new Thread(this::serve, "name-server");
        thread.setDaemon(true);
        thread.start();
    }

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("hosts"), "10.0.0.1 app alias\n10.0.0.2 app\n2001:db8::1 app six\n");
        Files.writeString(folder.resolve("resolv.conf"), "search one.test two.test\n");
    }

    @AfterEach
    void close() {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void hostsFileIsAskedFirstAndReadAnew() throws IOException {
        DnsResolver resolver = resolver(Family.IPV4_FIRST);

        assertThat(found(resolver, "app")).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        assertThat(found(resolver, "App.")).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        assertThat(found(resolver, "six")).containsExactly("[2001:db8::1]:80");
        assertThat(found(resolver(Family.ALL), "app"))
                .containsExactly("10.0.0.1:80", "10.0.0.2:80", "[2001:db8::1]:80");
        assertThat(asked).isEmpty();

        Files.writeString(folder.resolve("hosts"), "10.0.0.3 app\n");
        assertThat(found(resolver, "app")).containsExactly("10.0.0.3:80");
    }

    @Test
    void shortNameIsLookedForInTheSearchDomains() {
        DnsResolver resolver = resolver(Family.IPV4);

        assertThat(found(resolver, "short")).containsExactly("10.1.2.3:80");
        assertThat(asked).containsExactly("short.one.test", "short.two.test");
        asked.clear();
        assertThat(look(resolver, "short.")).isInstanceOf(Answer.Absent.class);
        assertThat(asked).containsExactly("short");
    }

    private DnsResolver resolver(Family family) {
        BackendAddress address = new BackendAddress("127.0.0.1", server.getLocalPort());
        DnsSettings settings = new DnsSettings(
                List.of(address),
                family,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                DnsSettings.Absent.KEEP,
                Duration.ZERO);
        return new DnsResolver(
                settings, group.next(), new DnsResolver.Files(folder.resolve("hosts"), folder.resolve("resolv.conf")));
    }

    private static Answer look(DnsResolver resolver, String host) {
        return resolver.look(new BackendName(host, 80)).join();
    }

    private static List<String> found(DnsResolver resolver, String host) {
        return ((Answer.Leads) look(resolver, host))
                .all().stream()
                        .map(Found::address)
                        .map(BackendAddress::toString)
                        .toList();
    }

    /** Knows short.two.test and nothing else. */
    private void serve() {
        byte[] buffer = new byte[512];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                server.receive(packet);
                StringBuilder name = new StringBuilder();
                int end = HEADER;
                while (buffer[end] != 0) {
                    name.append(name.isEmpty() ? "" : ".")
                            .append(new String(buffer, end + 1, buffer[end], StandardCharsets.US_ASCII));
                    end += buffer[end] + 1;
                }
                end += 5;
                asked.add(name.toString());
                boolean known = name.toString().equals("short.two.test");
                byte[] record = {(byte) 0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 1, 2, 3};
                byte[] answer = Arrays.copyOf(buffer, end + (known ? record.length : 0));
                byte[] head = {(byte) 0x81, (byte) (known ? 0x80 : 0x83), 0, 1, 0, (byte) (known ? 1 : 0), 0, 0, 0, 0};
                System.arraycopy(head, 0, answer, 2, head.length);
                System.arraycopy(record, 0, answer, end, answer.length - end);
                server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // Closed: that is how this thread ends.
        }
    }
}
