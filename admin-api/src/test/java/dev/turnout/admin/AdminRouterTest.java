package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminRouterTest {

    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

    private final AdminFixture admin = new AdminFixture();

    @Test
    void everyRouteIsInTheOpenApiDocumentWithItsRoleAndTheOtherWayRound() {
        Set<String> routes = new TreeSet<>();
        for (Route route : admin.router.routes()) {
            routes.add(route.method().toLowerCase(Locale.ROOT) + " " + route.pattern() + " " + Json.word(route.role()));
        }

        Set<String> documented = new TreeSet<>();
        JsonNode document = AdminFixture.json(admin.get("/admin/openapi.json"));
        document.get("paths").properties().forEach(path -> path.getValue().properties().stream()
                .filter(operation -> METHODS.contains(operation.getKey()))
                .forEach(operation -> documented.add(operation.getKey() + " " + path.getKey() + " "
                        + operation.getValue().get("x-role").textValue())));

        assertThat(document.get("openapi").textValue()).startsWith("3.1.");
        assertThat(documented).isEqualTo(routes);
    }

    @Test
    void everyProblemTypeIsInTheOpenApiDocument() {
        JsonNode types = AdminFixture.json(admin.get("/admin/openapi.json"))
                .at("/components/schemas/Problem/properties/type/enum");

        assertThat(types)
                .extracting(JsonNode::textValue)
                .containsExactlyElementsOf(List.of(ProblemType.values()).stream()
                        .map(type -> "https://turnout.dev/problems/" + type.word())
                        .toList());
    }

    @Test
    void everyRouteAndProblemTypeIsInTheHandbook() throws IOException {
        String handbook = Files.readString(Path.of("..", "docs", "admin-api.md"));

        assertThat(admin.router.routes())
                .allSatisfy(route -> assertThat(handbook).contains("`" + route.method() + " " + route.pattern() + "`"));
        assertThat(ProblemType.values()).allSatisfy(type -> assertThat(handbook)
                .contains("| `" + type.word() + "` | " + type.status() + " | " + type.title() + " |"));
    }

    @Test
    void everyReferenceInTheOpenApiDocumentLeadsSomewhere() {
        JsonNode document = AdminFixture.json(admin.get("/admin/openapi.json"));

        assertThat(document.findValues("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.textValue().substring(1)).isMissingNode())
                .as(reference.textValue())
                .isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nothing", "/admin", "/admin/", "/admin/status/", "//admin/status", "/admin/%73tatus", "*"})
    void unknownPathIsNotFound(String target) {
        assertThat(AdminFixture.problem(admin.get(target))).isEqualTo("not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%zz", "%", "nonsense", "a:0", "%00:80", "[::1]"})
    void whatIsNoAddressIsNoBackend(String segment) {
        Reply reply = admin.start("DELETE", "/admin/pools/blue/backends/" + segment, "")
                .getNow(null);

        assertThat(AdminFixture.problem(reply)).isEqualTo("no-such-backend");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /admin/switch,           POST",
        "PUT,    /admin/pools/blue/drain, 'GET, HEAD, POST'",
        "DELETE, /admin/rollback,         POST",
        "OPTIONS,/admin/switch,           POST",
        "POST,   /admin/status,           'GET, HEAD'",
        "POST,   /admin/pools/blue,       'GET, HEAD, PUT'",
        "POST,   /metrics,                'GET, HEAD'"
    })
    void wrongMethodIsToldTheRightOnesAndChangesNothing(String method, String path, String allowed) {
        Reply reply = admin.start(method, path, "").getNow(null);

        assertThat(AdminFixture.problem(reply)).isEqualTo("method-not-allowed");
        assertThat(reply.headers()).containsEntry("Allow", allowed);
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void headIsAnsweredLikeGet() {
        assertThat(admin.start("HEAD", "/admin/status", "").getNow(null).status())
                .isEqualTo(200);
    }

    @Test
    void indexListsEveryRoute() {
        String index = admin.get("/").body();

        assertThat(admin.router.routes())
                .allSatisfy(route -> assertThat(index).contains(route.pattern()).contains(route.summary()));
    }

    @Test
    void brokenEscapeInTheQueryIsMalformed() {
        assertThat(catchThrowableOfType(Problem.class, () -> AdminFixture.request("GET", "/admin/status?wait=%zz", ""))
                        .type())
                .isEqualTo(ProblemType.MALFORMED_REQUEST);
    }
}
