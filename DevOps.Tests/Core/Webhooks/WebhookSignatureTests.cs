using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Secrets;
using DevOps.Core.Webhooks;

namespace DevOps.Tests.Core.Webhooks;

public sealed class WebhookSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Body = "{\"ref\":\"refs/heads/main\"}"u8.ToArray();

    [Theory]
    [InlineData(WebhookProvider.Github, "X-Hub-Signature-256", "sha256=")]
    [InlineData(WebhookProvider.Bitbucket, "X-Hub-Signature", "sha256=")]
    [InlineData(WebhookProvider.Gitea, "X-Gitea-Signature", "")]
    [InlineData(WebhookProvider.Gitea, "X-Forgejo-Signature", "")]
    [InlineData(WebhookProvider.Gitea, "X-Gogs-Signature", "")]
    public void Hexadecimal_signature_of_the_body_is_good_and_any_other_is_wrong(WebhookProvider provider, string header, string prefix)
    {
        var good = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Body));

        Assert.Equal(SignatureAnswer.Good, Check(provider, (header, prefix + good)));
        Assert.Equal(SignatureAnswer.Missing, Check(provider));
        foreach (var bad in new[] { good[..^1] + (good[^1] == '0' ? '1' : '0'), good[..^2], good + "00", "zz" + good[2..], new string('0', 64), "x" })
        {
            Assert.Equal(SignatureAnswer.Wrong, Check(provider, (header, prefix + bad)));
        }
    }

    [Fact]
    public void One_changed_byte_of_the_body_is_noticed()
    {
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Body));
        var changed = Body.ToArray();
        changed[^2] ^= 1;

        Assert.Equal(SignatureAnswer.Wrong, WebhookSignature.Check(WebhookProvider.Github, Headers(("X-Hub-Signature-256", signature)), changed, [new Sensitive(Secret)], Now));
    }

    [Fact]
    public void Forgejo_signature_decides_where_there_are_several()
    {
        var good = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Body));

        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitea, ("X-Forgejo-Signature", new string('0', 64)), ("X-Gitea-Signature", good)));
    }

    [Theory]
    [InlineData(WebhookProvider.Gitlab, "X-Gitlab-Token", "")]
    [InlineData(WebhookProvider.Gitee, "X-Gitee-Token", "")]
    [InlineData(WebhookProvider.Generic, "Authorization", "Bearer ")]
    public void Token_must_be_the_secret(WebhookProvider provider, string header, string prefix)
    {
        Assert.Equal(SignatureAnswer.Good, Check(provider, (header, prefix + Secret)));
        Assert.Equal(SignatureAnswer.Missing, Check(provider));
        foreach (var bad in new[] { Secret + "x", Secret[..^1], Secret.ToUpperInvariant(), "x" })
        {
            Assert.Equal(SignatureAnswer.Wrong, Check(provider, (header, prefix + bad)));
        }
    }

    [Fact]
    public void Other_schemes_of_authorization_are_no_token() =>
        Assert.Equal(SignatureAnswer.Missing, Check(WebhookProvider.Generic, ("Authorization", "Basic " + Secret)));

    [Theory]
    [InlineData(0, SignatureAnswer.Good)]
    [InlineData(-300, SignatureAnswer.Good)]
    [InlineData(300, SignatureAnswer.Good)]
    [InlineData(-301, SignatureAnswer.Stale)]
    [InlineData(301, SignatureAnswer.Stale)]
    public void Standard_webhook_is_good_for_five_minutes(int seconds, SignatureAnswer expected)
    {
        var at = (Now.ToUnixTimeSeconds() + seconds).ToString(CultureInfo.InvariantCulture);

        Assert.Equal(expected, Check(WebhookProvider.Gitlab, [.. Standard(Convert.FromBase64String(Secret[6..]), at)]));
        Assert.Equal(expected, Check(WebhookProvider.Gitlab, [.. Standard(Encoding.UTF8.GetBytes(Secret), at)]));
    }

    [Fact]
    public void Standard_webhook_with_another_key_id_or_time_is_wrong_and_a_good_token_does_not_rescue_it()
    {
        var at = Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var key = Convert.FromBase64String(Secret[6..]);

        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitlab, [.. Standard([1, 2, 3], at), ("X-Gitlab-Token", Secret)]));
        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitlab, [.. Standard(key, at).Select(h => h.Name is "webhook-id" ? (h.Name, "msg_2") : h)]));
        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitlab, [.. Standard(key, at).Select(h => h.Name is "webhook-timestamp" ? (h.Name, at + "0") : h)]));
        Assert.Equal(SignatureAnswer.Missing, Check(WebhookProvider.Gitlab, [.. Standard(key, at).Where(h => h.Name is not "webhook-timestamp")]));
    }

    [Fact]
    public void Standard_webhook_may_bear_several_signatures()
    {
        var headers = Standard(Convert.FromBase64String(Secret[6..]), Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))
            .Select(h => h.Name is "webhook-signature" ? (h.Name, "v1a,abc v1,AAAA " + h.Value) : h);

        Assert.Equal(SignatureAnswer.Good, Check(WebhookProvider.Gitlab, [.. headers]));
    }

    [Theory]
    [InlineData(0, SignatureAnswer.Good)]
    [InlineData(-3600, SignatureAnswer.Good)]
    [InlineData(-3601, SignatureAnswer.Stale)]
    [InlineData(3601, SignatureAnswer.Stale)]
    public void Gitee_signature_is_good_for_an_hour(int seconds, SignatureAnswer expected)
    {
        var at = (Now.ToUnixTimeMilliseconds() + (seconds * 1000L)).ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{at}\n{Secret}")));

        Assert.Equal(expected, Check(WebhookProvider.Gitee, ("X-Gitee-Token", signature), ("X-Gitee-Timestamp", at)));
        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitee, ("X-Gitee-Token", signature), ("X-Gitee-Timestamp", at + "1")));
        Assert.Equal(SignatureAnswer.Wrong, Check(WebhookProvider.Gitee, ("X-Gitee-Token", signature)));
    }

    [Fact]
    public void Any_of_the_secrets_is_good()
    {
        Sensitive[] both = [new("the-new-one"), new(Secret)];

        Assert.Equal(SignatureAnswer.Good, WebhookSignature.Check(WebhookProvider.Gitlab, Headers(("X-Gitlab-Token", Secret)), Body, both, Now));
        Assert.Equal(SignatureAnswer.Good, WebhookSignature.Check(WebhookProvider.Gitlab, Headers(("X-Gitlab-Token", "the-new-one")), Body, both, Now));
    }

    private static SignatureAnswer Check(WebhookProvider provider, params (string Name, string Value)[] headers) =>
        WebhookSignature.Check(provider, Headers(headers), Body, [new Sensitive(Secret)], Now);

    private static WebhookHeaders Headers(params (string Name, string Value)[] headers) => new(headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.Ordinal));

    private static IEnumerable<(string Name, string Value)> Standard(byte[] key, string at)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"msg_1.{at}."), .. Body];
        return [("webhook-id", "msg_1"), ("webhook-timestamp", at), ("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)))];
    }
}
