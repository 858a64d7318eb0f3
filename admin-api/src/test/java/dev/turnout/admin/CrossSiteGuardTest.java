package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrossSiteGuardTest {

    private final AdminFixture admin = new AdminFixture();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8081",
                "LOCALHOST:8081",
                "127.0.0.1:8081",
                "10.1.2.3",
                "[::1]:8081",
                "[2001:db8::1]",
                "admin.example:8081",
                "Admin.Example"
            })
    void ownHostIsServed(String host) {
        assertThat(admin.get("/admin/status", "Host", host).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.0.0.1.nip.io:8081",
                "admin.example.",
                "[evil]",
                "[::1",
                "",
                "0x7f.1",
                "localhost@evil.example"
            })
    void otherHostIsRefusedEvenForProbes(String host) {
        assertThat(AdminFixture.problem(admin.get("/admin/status", "Host", host)))
                .isEqualTo("host-not-allowed");
        assertThat(admin.get("/health/live", "Host", host).status()).isEqualTo(421);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8081,  200",
        "HTTP://localhost:8081,  200",
        "null,                   403",
        "'',                     403",
        "http://localhost,       403",
        "http://localhost:8080,  403",
        "https://localhost:8081, 403",
        "http://evil.example,    403"
    })
    void originMustBeOurOwn(String origin, int status) {
        Reply command = admin.post("/admin/switch", "", "Origin", origin);
        Reply view = admin.get("/admin/status", "Origin", origin);

        assertThat(command.status()).isEqualTo(status);
        assertThat(view.status()).isEqualTo(status);
        assertThat(admin.control.submitted).hasSize(status == 200 ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"same-origin, 200", "none, 200", "same-site, 403", "cross-site, 403", "new-word, 403"})
    void commandMustNotComeFromAnotherSite(String site, int status) {
        assertThat(admin.post("/admin/switch", "", "Sec-Fetch-Site", site).status())
                .isEqualTo(status);
    }

    @Test
    void linkFromAnotherSiteMayBeFollowed() {
        assertThat(admin.get("/", "Sec-Fetch-Site", "cross-site").status()).isEqualTo(200);
    }
}
