package dev.turnout.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchDomainsTest {

    @Test
    void linesAreReadAsResolvConfHasThem() {
        String text =
                "# search no\nnameserver 10.0.0.1\ndomain old.test\n search\tone.test  two.test.\noptions edns0 ndots:5\n";

        assertThat(SearchDomains.parse(text)).isEqualTo(new SearchDomains(List.of("one.test", "two.test"), 5));
        assertThat(SearchDomains.parse("domain old.test")).isEqualTo(new SearchDomains(List.of("old.test"), 1));
        assertThat(SearchDomains.parse("search .\noptions ndots:x ndots: ndots:99"))
                .isEqualTo(new SearchDomains(List.of(), 15));
        assertThat(SearchDomains.parse("")).isEqualTo(SearchDomains.NONE);
        assertThat(SearchDomains.of(Path.of("no-such-file"))).isEqualTo(SearchDomains.NONE);
    }

    @Test
    void nameWithFewDotsIsLookedForInTheDomainsFirst() {
        SearchDomains search = new SearchDomains(List.of("one.test", "two.test"), 2);

        assertThat(search.names("app")).containsExactly("app.one.test.", "app.two.test.", "app.");
        assertThat(search.names("a.b.c")).containsExactly("a.b.c.", "a.b.c.one.test.", "a.b.c.two.test.");
        assertThat(search.names("app.")).containsExactly("app.");
        assertThat(SearchDomains.NONE.names("app")).containsExactly("app.");
    }
}
