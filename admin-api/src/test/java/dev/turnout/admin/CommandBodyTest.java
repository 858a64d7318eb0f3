package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandBodyTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void allFaultsAreToldAtOnce() {
        Reply reply = admin.post(
                "/admin/switch",
                "{\"to\":\"red\",\"force\":\"yes\",\"timeout\":\"30\",\"expectedRevision\":-1,\"reason\":7,\"a/b~\":1}");

        assertThat(AdminFixture.problem(reply)).isEqualTo("validation");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(pointers(reply))
                .containsExactlyInAnyOrder("/to", "/force", "/timeout", "/expectedRevision", "/reason", "/a~1b~0");
        assertThat(admin.control.submitted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "null",
                "\"switch\"",
                "{}{}",
                "{\"to\":\"blue\",\"to\":\"green\"}",
                "{\"to\":\"green\",}",
                " "
            })
    void whatIsNotOneJsonObjectIsRefused(String body) {
        Reply reply = admin.post("/admin/switch", body);

        assertThat(AdminFixture.problem(reply)).isEqualTo("validation");
        assertThat(pointers(reply)).containsExactly("");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void nullIsNoTarget() {
        Reply reply = admin.post("/admin/switch", "{\"to\":null}");

        assertThat(pointers(reply)).containsExactly("/to");
    }

    @Test
    void parameterInTheQueryIsRefusedBecauseItWouldBeIgnored() {
        Reply reply = admin.post("/admin/switch?to=blue", "");

        assertThat(pointers(reply)).containsExactly("?to");
        assertThat(admin.control.submitted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""})
    void bodyOfAnotherTypeIsRefusedWithAHint(String contentType) {
        Reply reply = admin.post("/admin/switch", "{\"to\":\"green\"}", "Content-Type", contentType);

        assertThat(AdminFixture.problem(reply)).isEqualTo("unsupported-media-type");
        assertThat(AdminFixture.json(reply).get("detail").textValue()).contains("--json");
        assertThat(admin.control.submitted).isEmpty();
    }

    @Test
    void contentTypeMayHaveParametersAndCapitals() {
        admin.post("/admin/switch", "{\"to\":\"green\"}", "Content-Type", "Application/JSON; charset=utf-8");

        assertThat(admin.control.submitted).hasSize(1);
    }

    @Test
    void reasonIsBoundedAndOneLine() {
        String longest = "\u00fc".repeat(500);

        assertThat(admin.post("/admin/switch", "{\"reason\":\"" + longest + "\"}")
                        .status())
                .isEqualTo(200);
        assertThat(pointers(admin.post("/admin/switch", "{\"reason\":\"" + longest + "x\"}")))
                .containsExactly("/reason");
        for (String control : List.of("\\n", "\\u0000", "\\u001b[2J", "\\u0085", "\\u2028", "\\ud800")) {
            assertThat(pointers(admin.post("/admin/switch", "{\"reason\":\"" + control + "\"}")))
                    .as(control)
                    .containsExactly("/reason");
        }
    }

    @Test
    void namesThatComeBackAreBoundedAndEscaped() {
        String evil = "<script>\\u001b" + "x".repeat(500);

        Reply reply = admin.post("/admin/switch", "{\"" + evil + "\":1}");

        assertThat(reply.body()).hasSizeLessThan(500).contains("\\u001B").doesNotContain("\u001b");
    }

    @Test
    void faultsAreBounded() {
        StringBuilder body = new StringBuilder("{\"a0\":1");
        for (int i = 1; i < 1000; i++) {
            body.append(",\"a").append(i).append("\":1");
        }

        Reply reply = admin.post("/admin/switch", body.append('}').toString());

        assertThat(pointers(reply)).hasSize(20);
    }

    @Test
    void durationsOverTheirBoundAreRefused() {
        Reply reply = admin.post("/admin/pools/blue/drain", "{\"timeout\":\"61m\",\"deadline\":\"31d\"}");

        assertThat(pointers(reply)).containsExactlyInAnyOrder("/timeout", "/deadline");
    }

    private static List<String> pointers(Reply reply) {
        List<String> pointers = new ArrayList<>();
        for (JsonNode error : AdminFixture.json(reply).withArray("errors")) {
            pointers.add(error.get("pointer").textValue());
        }
        return pointers;
    }
}
