using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core.Projects;

public sealed class RepositoryUrlTests
{
    [Theory]
    [InlineData("https://github.com/acme/shop.git", RepositoryScheme.Https, "github.com", "/acme/shop.git", null, null)]
    [InlineData("https://lin@git.example.com:8443/acme/shop", RepositoryScheme.Https, "git.example.com", "/acme/shop", "lin", 8443)]
    [InlineData("HTTPS://GitHub.com/acme/shop.git", RepositoryScheme.Https, "github.com", "/acme/shop.git", null, null)]
    [InlineData("ssh://git@git.example.com:2222/acme/shop.git", RepositoryScheme.Ssh, "git.example.com", "/acme/shop.git", "git", 2222)]
    [InlineData("ssh://git@[2001:db8::1]:2222/shop.git", RepositoryScheme.Ssh, "[2001:db8::1]", "/shop.git", "git", 2222)]
    [InlineData("ssh://git.example.com/~lin/shop.git", RepositoryScheme.Ssh, "git.example.com", "/~lin/shop.git", null, null)]
    [InlineData("git@github.com:acme/shop.git", RepositoryScheme.Ssh, "github.com", "acme/shop.git", "git", null)]
    [InlineData("git@git.example.com:/srv/git/shop.git", RepositoryScheme.Ssh, "git.example.com", "/srv/git/shop.git", "git", null)]
    [InlineData("https://gitee.com/某人/商店.git", RepositoryScheme.Https, "gitee.com", "/某人/商店.git", null, null)]
    [InlineData("file:///srv/git/shop.git", RepositoryScheme.File, "", "/srv/git/shop.git", null, null)]
    public void Parse_accepted_form_takes_it_apart(string text, RepositoryScheme scheme, string host, string path, string? user, int? port)
    {
        var url = RepositoryUrl.Parse(text, allowFiles: true);

        Assert.Equal((scheme, host, path, user, port), (url.Scheme, url.Host, url.Path, url.User, url.Port));
        Assert.Equal(text, url.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("shop")]
    [InlineData("/srv/git/shop.git")]
    [InlineData("../shop.git")]
    [InlineData("C:\\git\\shop")]
    [InlineData("--upload-pack=touch /tmp/owned")]
    [InlineData("-oProxyCommand=touch${IFS}/tmp/owned@host:path")]
    [InlineData("ext::sh -c touch% /tmp/owned")]
    [InlineData("ext::sh%20-c%20id")]
    [InlineData("fd::17")]
    [InlineData("transport::address")]
    [InlineData("git://github.com/acme/shop.git")]
    [InlineData("http://github.com/acme/shop.git")]
    [InlineData("ftp://github.com/acme/shop.git")]
    [InlineData("git+ssh://github.com/acme/shop.git")]
    [InlineData("ssh://-oProxyCommand=id/shop")]
    [InlineData("ssh://git@-oProxyCommand=id/shop")]
    [InlineData("ssh://-oProxyCommand=id@host/shop")]
    [InlineData("ssh://git@host/-oProxyCommand=id")]
    [InlineData("ssh://git@host:99999/shop")]
    [InlineData("ssh://git@host:-22/shop")]
    [InlineData("ssh://git@host:/shop")]
    [InlineData("git@-oProxyCommand=id:shop")]
    [InlineData("-git@host:shop")]
    [InlineData("git@host:-shop")]
    [InlineData("git@host::shop")]
    [InlineData("git@host:")]
    [InlineData("git@host:$(id).git")]
    [InlineData("git@host:shop;id")]
    [InlineData("git@host:`id`")]
    [InlineData("git@host:'id'")]
    [InlineData("ext@host:shop|id")]
    [InlineData("host:shop.git")]
    [InlineData("https://lin:secret@github.com/acme/shop.git")]
    [InlineData("https://@github.com/acme/shop.git")]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/")]
    [InlineData("https:///acme/shop.git")]
    [InlineData("https://.github.com/acme")]
    [InlineData("https://git hub.com/acme")]
    [InlineData("https://github.com/acme/shop.git?ref=main")]
    [InlineData("https://github.com/acme/shop.git#main")]
    [InlineData("https://github.com/acme/../shop.git")]
    [InlineData("https://github.com/acme/%2E%2e/shop.git")]
    [InlineData("https://github.com/acme/shop.git\n[core]sshCommand=id")]
    [InlineData("https://github.com/acme/shop.git\u0000")]
    [InlineData("https://github.com/acme\u202Eshop")]
    [InlineData("https://evil.com\\@github.com/acme")]
    [InlineData("https://[::1%25eth0]/acme")]
    [InlineData("https://[127.0.0.1]/acme")]
    [InlineData("file://host/srv/git/shop.git")]
    [InlineData("file:////host/share")]
    [InlineData("file:///srv/../etc")]
    public void Parse_hostile_or_unknown_form_is_refused(string text)
    {
        var refused = Assert.Throws<InvalidInput>(() => RepositoryUrl.Parse(text, allowFiles: true));

        Assert.Contains("repository.url", refused.Errors.Keys);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_file_where_not_allowed_says_who_can_allow_it()
    {
        var refused = Assert.Throws<InvalidInput>(() => RepositoryUrl.Parse("file:///srv/git/shop.git", allowFiles: false));

        Assert.Contains("DEVOPS_ALLOW_FILE_REPOSITORIES", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_longer_than_500_is_refused() =>
        Assert.Throws<InvalidInput>(() => RepositoryUrl.Parse("https://github.com/" + new string('a', 500), allowFiles: false));

    [Fact]
    public void Parse_password_in_address_points_to_credentials()
    {
        var refused = Assert.Throws<InvalidInput>(() => RepositoryUrl.Parse("https://lin:pw@github.com/acme/shop.git", allowFiles: false));

        Assert.Contains("credential", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Origin_differs_by_host_port_and_scheme()
    {
        string[] texts = ["https://a.example/x", "https://b.example/x", "https://a.example:8443/x", "ssh://a.example/x"];

        Assert.Equal(4, texts.Select(t => RepositoryUrl.Parse(t, false).Origin).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(RepositoryUrl.Parse("https://A.example/x", false).Origin, RepositoryUrl.Parse("https://a.example/y", false).Origin);
    }
}
