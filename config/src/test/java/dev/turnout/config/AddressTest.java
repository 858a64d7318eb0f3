package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:8080",
                "0.0.0.0:0",
                "app-1.blue_net.local:65535",
                "localhost:1",
                "[::]:80",
                "[fe80::1%eth0]:80",
                "[::ffff:10.0.0.1]:80"
            })
    void bindIsPrintedAsItWasRead(String text) {
        assertThat(SocketBind.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":80",
                "80",
                "localhost",
                "localhost:",
                "localhost:-1",
                "localhost:+1",
                "localhost:65536",
                "localhost:99999999999",
                "localhost:8o",
                "localhost:٣",
                "http://localhost:80",
                "localhost:80/x",
                "a b:80",
                "a\n:80",
                "ümlaut:80",
                "256.0.0.1:80",
                "1.2.3:80",
                "01.2.3.4:80",
                "1.2.3.4.:80",
                "1..2.3:80",
                "::1:80",
                "[]:80",
                "[::1]80",
                "[::1]",
                "[::1:80",
                "[:::1]:80",
                "[::g]:80",
                "[::1%]:80",
                "[.::1]:80",
                "[127.0.0.1]:80x",
            })
    void garbageIsNoAddress(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SocketBind.parse(text));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendAddress.parse(text));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse(text));
    }

    @Test
    void backendNeedsAPort() {
        assertThatIllegalArgumentException().isThrownBy(() -> BackendAddress.parse("127.0.0.1:0"));
        assertThat(BackendAddress.parse("127.0.0.1:1").port()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse("localhost:0"));
        assertThat(BackendName.parse("localhost:1").port()).isEqualTo(1);
    }

    @Test
    void addressAndNameAreToldApart() {
        assertThatIllegalArgumentException().isThrownBy(() -> BackendAddress.parse("app:80"));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse("10.0.0.1:80"));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse("[::1]:80"));
        assertThat(BackendName.isName("app:80")).isTrue();
        assertThat(BackendName.isName("10.app:80")).isTrue();
        assertThat(BackendName.isName("_http._tcp.app")).isTrue();
        assertThat(BackendName.isName("app")).isFalse();
        assertThat(BackendName.isName("10.0.0.1:80")).isFalse();
        assertThat(BackendName.isName("256.0.0.1:80")).isFalse();
        assertThat(BackendName.isName("[fe80::a]:80")).isFalse();
    }

    @Test
    void srvNameHasNoPort() {
        assertThat(BackendName.parse("_http._tcp.App.Example").isSrv()).isTrue();
        assertThat(BackendName.parse("_http._tcp.App.Example")).hasToString("_http._tcp.app.example");
        assertThat(BackendName.parse("_odd:80").isSrv()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse("app.example"));
        assertThatIllegalArgumentException().isThrownBy(() -> BackendName.parse("_http._tcp.app example"));
    }

    @Test
    void caseMakesNoOtherBackend() {
        assertThat(BackendName.parse("App.Example:80")).isEqualTo(BackendName.parse("app.example:80"));
        assertThat(BackendAddress.parse("[FE80::A]:80")).hasToString("[fe80::a]:80");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1, true",
        "127.8.9.10:1, true",
        "[::1]:1, true",
        "[0:0:0:0:0:0:0:1]:1, true",
        "localhost:1, true",
        "0.0.0.0:1, false",
        "[::]:1, false",
        "10.0.0.1:1, false",
        "localhost.example.com:1, false",
        "127.example.com:1, false"
    })
    void onlyThisMachineReachesLoopback(String bind, boolean loopback) {
        assertThat(SocketBind.parse(bind).isLoopback()).isEqualTo(loopback);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/9, 10.127.0.1, true",
        "10.0.0.0/9, 10.128.0.1, false",
        "192.168.1.7, 192.168.1.7, true",
        "192.168.1.7, 192.168.1.6, false",
        "192.168.1.7/31, 192.168.1.6, true",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 203.0.113.9, false",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::ffff:10.0.0.0/8, 10.1.1.1, true"
    })
    void blockHoldsTheAddressesOfItsPrefix(String block, String address, boolean inside) throws UnknownHostException {
        assertThat(CidrBlock.parse(block).contains(InetAddress.getByName(address)))
                .isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "localhost",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/8/8",
                "10.0.0/8",
                "256.0.0.0/8",
                "::/129",
                "fd00::g/8",
                "[::1]/128",
                "fe80::1%lo/64"
            })
    void garbageIsNoBlock(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> CidrBlock.parse(text));
    }

    @Test
    void bitsPastThePrefixDoNotMatter() {
        assertThat(CidrBlock.parse("10.1.2.3/9"))
                .isEqualTo(CidrBlock.parse("10.0.0.0/9"))
                .hasToString("10.0.0.0/9");
    }
}
