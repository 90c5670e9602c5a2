using System.Globalization;
using System.Net;
using System.Text;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Notifications;

/// <summary>Mail over a real TLS listener: from the first byte, by STARTTLS, and never without when it is asked for.</summary>
public sealed class EncryptedMailTests : IDisposable
{
    private const string Password = "sesame-mail";
    private readonly TestCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(true, "AUTH PLAIN LOGIN")]
    [InlineData(true, "AUTH LOGIN")]
    [InlineData(false, "AUTH PLAIN")]
    [InlineData(false, "AUTH LOGIN")]
    public async Task Mail_and_password_go_encrypted_from_the_first_byte_or_from_starttls_on(bool implicitTls, string offer)
    {
        await using var server = new FakeMailServer(new FakeMailServer.Manner { Certificate = _certificate.Certificate, Implicit = implicitTls, Offers = [offer] });

        var answer = await TestAsync(server, implicitTls);

        Assert.True(answer["sent"].GetBoolean(), answer.Body.ToString());
        var said = (await server.ConversationAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var clear = said.Where(l => !l.StartsWith("🔒", StringComparison.Ordinal)).ToList();
        Assert.Equal(implicitTls ? [] : ["EHLO", "STARTTLS"], clear.Select(l => l.Split(' ')[0]));
        Assert.Contains("🔒 MAIL FROM:<deploy@example.com>", said);
        Assert.Contains("🔒 RCPT TO:<ops@example.com>", said);
        Assert.Contains(said, l => l.Contains(offer.Contains("PLAIN", StringComparison.Ordinal) ? Base64("\0mailer\0" + Password) : Base64(Password), StringComparison.Ordinal));
        Assert.Equal("🔒 QUIT", said[^1]);
    }

    [Fact]
    public async Task Server_without_encryption_hears_neither_password_nor_mail()
    {
        await using var server = new FakeMailServer(new FakeMailServer.Manner { Offers = ["AUTH PLAIN"] });

        var answer = await TestAsync(server, implicitTls: false);

        Assert.False(answer["sent"].GetBoolean());
        Assert.Contains("offers no encryption", answer.Text("answer"), StringComparison.Ordinal);
        Assert.Equal(["EHLO"], (await server.ConversationAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_with_a_certificate_that_nobody_vouches_for_hears_nothing(bool implicitTls)
    {
        await using var server = new FakeMailServer(new FakeMailServer.Manner { Certificate = _certificate.Certificate, Implicit = implicitTls, Offers = ["AUTH PLAIN"] });

        var answer = await TestAsync(server, implicitTls, trusted: false);

        Assert.False(answer["sent"].GetBoolean());
        Assert.Contains("certificate of the mail server is not trusted", answer.Text("answer"), StringComparison.Ordinal);
        Assert.DoesNotContain("🔒", await server.ConversationAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_someone_put_before_the_encryption_are_not_believed()
    {
        await using var server = new FakeMailServer(new FakeMailServer.Manner { Certificate = _certificate.Certificate, Offers = ["AUTH PLAIN"], SaidBeforeEncryption = "\r\n250-mail.example\r\n250 AUTH PLAIN" });

        var answer = await TestAsync(server, implicitTls: false);

        Assert.False(answer["sent"].GetBoolean());
        Assert.Contains("before the encryption began", answer.Text("answer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_is_read_as_it_was_written_in_every_language()
    {
        await using var server = new FakeMailServer(new FakeMailServer.Manner { Certificate = _certificate.Certificate, Implicit = true });

        await TestAsync(server, implicitTls: true, language: "zh-Hans");

        var mail = (await server.ConversationAsync()).Replace("🔒 ", "", StringComparison.Ordinal);
        Assert.All(mail.Split('\n'), l => Assert.True(l.Length <= 78, l));
        var head = mail[mail.IndexOf("From:", StringComparison.Ordinal)..mail.IndexOf("\n\n", StringComparison.Ordinal)];
        var subject = head.Split("Subject: ")[1].Split("\nDate:")[0].Split('\n', StringSplitOptions.TrimEntries);
        Assert.All(subject, w => Assert.Matches(@"^=\?utf-8\?B\?[A-Za-z0-9+/=]+\?=$", w));
        Assert.Equal("👋 这是一条测试消息。部署消息将采用此格式。", string.Concat(subject.Select(w => Encoding.UTF8.GetString(Convert.FromBase64String(w[10..^2])))));
        var body = mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..mail.IndexOf("\n.\n", StringComparison.Ordinal)];
        Assert.Equal("👋 这是一条测试消息。部署消息将采用此格式。\r\n\r\n申请人: admin\r\n", Encoding.UTF8.GetString(Convert.FromBase64String(body.Replace("\n", "", StringComparison.Ordinal))));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<RoomsApi.Answer> TestAsync(FakeMailServer server, bool implicitTls, bool trusted = true, string? language = null)
    {
        await using var app = new RoomsApi
        {
            More = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Mail:Host"] = "127.0.0.1",
                ["Mail:Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
                ["Mail:ImplicitTls"] = implicitTls ? "true" : "false",
                ["Mail:CaFile"] = trusted ? _certificate.CaFile : "",
                ["Mail:User"] = language is null ? "mailer" : "",
                ["Mail:Password"] = Password,
                ["Mail:From"] = "deploy@example.com",
            },
        };
        await app.InitializeAsync();
        if (language is not null)
        {
            await app.SendAsync(HttpMethod.Put, "/settings", $$"""{"language": "{{language}}"}""", HttpStatusCode.OK);
        }

        await app.SendAsync(HttpMethod.Post, "/notifications/channels", """{"name":"mail","kind":"email","url":"ops@example.com, lin@example.com","events":["failed"]}""", HttpStatusCode.Created);
        return await app.SendAsync(HttpMethod.Post, "/notifications/channels/mail/test", null, HttpStatusCode.OK);
    }
}
