package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminAuthTest {

    @TempDir
    private Path folder;

    private Path file;
    private long writes;

    @BeforeEach
    void writeTokens() throws Exception {
        file = folder.resolve("tokens");
        write("# who may come in\n\n" + line("eye", "viewer") + line("ci", "operator") + line("root", "admin"));
    }

    @ParameterizedTest
    @CsvSource({
        "eye,  GET,  /admin/status,           200",
        "eye,  GET,  /metrics,                200",
        "eye,  POST, /admin/switch,           403",
        "eye,  POST, /admin/pools/blue/drain, 403",
        "ci,   POST, /admin/switch,           200",
        "ci,   POST, /admin/rollback,         200",
        "root, POST, /admin/switch,           200",
        "nobody, GET, /admin/status,          401"
    })
    void roleDecides(String name, String method, String path, int status) {
        AdminFixture admin = new AdminFixture(Optional.of(file));

        Reply reply = admin.start(method, path, "", "Authorization", "Bearer " + token(name))
                .getNow(null);

        assertThat(reply.status()).isEqualTo(status);
    }

    @Test
    void nameOfTheTokenIsTheActor() {
        AdminFixture admin = new AdminFixture(Optional.of(file));

        admin.post("/admin/switch", "", "Authorization", "bearer " + token("ci"));

        assertThat(admin.onlyChange().actor().name()).isEqualTo("ci");
    }

    @Test
    void missingAndUnknownTokensAreChallenged() {
        AdminFixture admin = new AdminFixture(Optional.of(file));

        Reply missing = admin.get("/admin/status");
        Reply basic = admin.get("/admin/status", "Authorization", "Basic abc");
        Reply unknown = admin.get("/admin/status", "Authorization", "Bearer abc");

        assertThat(AdminFixture.problem(missing)).isEqualTo("unauthorized");
        assertThat(missing.headers()).containsEntry("WWW-Authenticate", "Bearer realm=\"turnout\"");
        assertThat(basic.status()).isEqualTo(401);
        assertThat(unknown.headers())
                .containsEntry("WWW-Authenticate", "Bearer realm=\"turnout\", error=\"invalid_token\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void probesNeedNoToken(String path) {
        assertThat(new AdminFixture(Optional.of(file)).get(path).status()).isEqualTo(200);
    }

    @Test
    void withoutATokenFileEverybodyIsAnonymousAdmin() {
        AdminFixture admin = new AdminFixture();

        admin.post("/admin/switch", "");

        assertThat(admin.onlyChange().actor().name()).isEqualTo("anonymous");
    }

    @Test
    void changedFileIsReadAgainWithinASecond() throws Exception {
        AdminFixture admin = new AdminFixture(Optional.of(file));
        write(line("new", "viewer"));

        assertThat(status(admin, "new")).isEqualTo(401);
        admin.nanos += TimeUnit.SECONDS.toNanos(1);

        assertThat(status(admin, "new")).isEqualTo(200);
        assertThat(status(admin, "eye")).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "eye viewer", "eye god 00", "# only a comment\n"})
    void brokenFileKeepsTheLastGoodTokens(String broken) throws Exception {
        AdminFixture admin = new AdminFixture(Optional.of(file));
        write(broken);
        admin.nanos += TimeUnit.SECONDS.toNanos(1);

        assertThat(status(admin, "eye")).isEqualTo(200);
        write(line("new", "viewer"));
        admin.nanos += TimeUnit.SECONDS.toNanos(1);

        assertThat(status(admin, "new")).isEqualTo(200);
    }

    @Test
    void digestIsThatOfSha256sumAndMayBeInCapitals() throws Exception {
        write("ci admin D1968D6184B8EDDF4B0D9FEE136141D5F88A53784B9AA94E0D648FFC5B952CAF");

        assertThat(status(new AdminFixture(Optional.of(file)), "ci")).isEqualTo(200);
    }

    @Test
    void missingFileKeepsTheLastGoodTokens() throws Exception {
        AdminFixture admin = new AdminFixture(Optional.of(file));
        Files.delete(file);
        admin.nanos += TimeUnit.SECONDS.toNanos(1);

        assertThat(status(admin, "eye")).isEqualTo(200);
    }

    @Test
    void fileThatIsBrokenFromTheBeginningNamesTheLineAndNotWhatStandsThere() throws Exception {
        write("# tokens\neye viewer s3cret\n");

        assertThatThrownBy(() -> new AdminAuth(Optional.of(file), System::nanoTime))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tokens:2:")
                .hasMessageNotContaining("s3cret");
    }

    private int status(AdminFixture admin, String name) {
        return admin.get("/admin/status", "Authorization", "Bearer " + token(name))
                .status();
    }

    /** Each write has a time of its own, whatever the file system's clock resolves. */
    private void write(String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L + 10_000 * writes++));
    }

    private static String line(String name, String role) {
        return name + " " + role + "   " + Sha256.hex(token(name)) + "\n";
    }

    private static String token(String name) {
        return "token-of-" + name;
    }
}
