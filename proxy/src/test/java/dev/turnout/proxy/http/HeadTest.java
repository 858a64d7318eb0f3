package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeadTest {

    private static final byte[] X_NEW = ascii("X-New");

    private final Head head = Reading.request(
            "GET /p HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nX: y\r\ncookie: 2\r\nX-Forwarded-Server: s\r\nx_forwarded_for: t\r\n\r\n");

    @Test
    void knownNamesAreFoundWhateverTheirCase() {
        assertThat(head.find(FieldName.HOST)).isZero();
        assertThat(head.find(FieldName.COOKIE)).isEqualTo(1);
        assertThat(head.findNext(FieldName.COOKIE, 1)).isEqualTo(3);
        assertThat(head.findNext(FieldName.COOKIE, 3)).isEqualTo(-1);
        assertThat(head.find(FieldName.DATE)).isEqualTo(-1);
        assertThat(head.name(2)).isEqualTo(FieldName.OTHER);
        assertThat(head.name(4)).isEqualTo(FieldName.X_FORWARDED_OTHER);
        assertThat(head.name(5)).isEqualTo(FieldName.X_FORWARDED_OTHER);
    }

    @Test
    void everyNameIsRecognisedAndNothingLikeIt() {
        for (FieldName name : FieldName.values()) {
            if (!name.lowerCase().isEmpty()) {
                assertThat(recognise(name.lowerCase())).isEqualTo(name);
                assertThat(recognise(name.lowerCase().toUpperCase(java.util.Locale.ROOT)))
                        .isEqualTo(name);
                assertThat(recognise(name.lowerCase() + "x")).isNotEqualTo(name);
                assertThat(recognise("z" + name.lowerCase().substring(1))).isEqualTo(FieldName.OTHER);
            }
        }
    }

    @Test
    void textsAreForTheColdPath() {
        assertThat(head.methodText()).isEqualTo("GET");
        assertThat(head.targetText()).isEqualTo("/p");
        assertThat(head.value(FieldName.COOKIE)).isEqualTo("1");
        assertThat(head.value(FieldName.DATE)).isNull();
        assertThat(head.field("x")).isEqualTo("y");
        assertThat(head.field("nope")).isNull();
    }

    @Test
    void droppedFieldsAreNotFound() {
        head.drop(1);

        assertThat(head.find(FieldName.COOKIE)).isEqualTo(3);
        assertThat(head.isDropped(1)).isTrue();

        head.dropAll(FieldName.COOKIE);

        assertThat(head.find(FieldName.COOKIE)).isEqualTo(-1);
        assertThat(head.field("cookie")).isNull();
    }

    @Test
    void appendedFieldsAreFoundBehindThoseRead() {
        head.dropAll(FieldName.COOKIE);
        head.append(ascii("Cookie"), ascii("3"));
        head.append(X_NEW, head.bytes(), head.valueStart(0), head.valueEnd(0));
        head.append(FieldLine.of("Date", "now"));

        assertThat(head.value(FieldName.COOKIE)).isEqualTo("3");
        assertThat(head.field("x-new")).isEqualTo("a");
        assertThat(head.value(FieldName.DATE)).isEqualTo("now");
    }

    @Test
    void undoneEditsLeaveWhatWasRead() {
        String before = Reading.fields(head);
        head.dropAll(FieldName.COOKIE);
        head.append(FieldLine.of("Date", "now"));
        head.append(FieldLine.of("Cookie", "3"));

        head.undoEdits();

        assertThat(Reading.fields(head)).isEqualTo(before);
        assertThat(head.find(FieldName.DATE)).isEqualTo(-1);
        assertThat(head.find(FieldName.COOKIE)).isEqualTo(1);

        head.append(FieldLine.of("Date", "later"));

        assertThat(head.value(FieldName.DATE)).isEqualTo("later");
    }

    @Test
    void hostThatAnAbsoluteFormReplacedStaysReplacedWhenEditsAreUndone() {
        Head absolute = Reading.request("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n");

        absolute.undoEdits();

        assertThat(Reading.fields(absolute)).isEqualTo(" host=b");
    }

    @Test
    void tokensAreFoundInListsOverSeveralFields() {
        Head lists = Reading.request("GET / HTTP/1.0\r\nConnection: a, B\t,,c\r\nTE: x\r\nConnection: d\r\n\r\n");

        assertThat(lists.hasToken(FieldName.CONNECTION, ascii("a"))).isTrue();
        assertThat(lists.hasToken(FieldName.CONNECTION, ascii("b"))).isTrue();
        assertThat(lists.hasToken(FieldName.CONNECTION, ascii("c"))).isTrue();
        assertThat(lists.hasToken(FieldName.CONNECTION, ascii("d"))).isTrue();
        assertThat(lists.hasToken(FieldName.CONNECTION, ascii("x"))).isFalse();
    }

    @Test
    void arrayGrowsAndIsGivenBackOnReset() {
        Head small = new Head(16);
        for (int i = 0; i < 100; i++) {
            small.append(X_NEW, ascii("value " + i));
        }
        assertThat(small.fieldCount()).isEqualTo(100);
        assertThat(small.value(99)).isEqualTo("value 99");
        assertThat(small.value(0)).isEqualTo("value 0");

        small.reset();

        assertThat(small.bytes()).hasSize(16);
        assertThat(small.fieldCount()).isZero();
    }

    private static FieldName recognise(String name) {
        byte[] bytes = ascii("  " + name);
        return FieldName.recognise(bytes, 2, bytes.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
