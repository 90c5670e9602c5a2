using DevOps.Blazor.Access;

namespace DevOps.Tests.Blazor.Access;

public sealed class ReturnUrlTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("http:/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\r\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("/a\\..\\..\\evil")]
    [InlineData("/\u0000/evil.example")]
    [InlineData("/\u0085/evil.example")]
    [InlineData("~/projects")]
    [InlineData("/login?returnUrl=/login")]
    [InlineData("/Logout")]
    [InlineData("/setup?token=x")]
    [InlineData("/%2e%2e//evil.example/../\\evil.example")]
    [InlineData("////evil.example")]
    [InlineData("/\u2028/evil.example\t")]
    [InlineData("https:///evil.example")]
    [InlineData("//evil%E3%80%82example")]
    [InlineData("//user@evil.example:80/")]
    [InlineData("data:text/html,x")]
    [InlineData("HTTPS://EVIL.EXAMPLE")]
    [InlineData("/\t\t//evil.example")]
    public void Address_elsewhere_leads_to_the_first_page(string? url) => Assert.Equal("/", ReturnUrl.Local(url));

    [Theory]
    [InlineData("/")]
    [InlineData("/projects/shop?tab=a#b")]
    [InlineData("/deployments/7#L120-L140")]
    [InlineData("/%09/evil.example")]
    [InlineData("/projects?q=https://example.org//x")]
    [InlineData("/项目")]
    public void Page_of_ours_is_kept(string url) => Assert.Equal(url, ReturnUrl.Local(url));

    [Fact]
    public void Overlong_address_leads_to_the_first_page() => Assert.Equal("/", ReturnUrl.Local("/" + new string('a', 5000)));
}
