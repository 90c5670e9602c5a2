using System.Net;
using System.Text.RegularExpressions;
using DevOps.Core.Access;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Fixtures;

/// <summary>An authenticator app in the hand of a user who turned on two-factor sign-in by the page.</summary>
internal sealed partial class Authenticator
{
    private readonly ApiFixture _api;
    private readonly string _user;
    private readonly byte[] _key;

    private Authenticator(ApiFixture api, string user, byte[] key, HttpClient browser, IReadOnlyList<string> recoveryCodes) =>
        (_api, _user, _key, Browser, RecoveryCodes) = (api, user, key, browser, recoveryCodes);

    /// <summary>The browser that turned it on, still signed in.</summary>
    public HttpClient Browser { get; }

    /// <summary>The codes the page showed once.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; }

    /// <summary>The code the app shows now.</summary>
    public string Code => CodeOf(_key);

    /// <summary>Signs a user in by the page and turns it on.</summary>
    public static async Task<Authenticator> TurnOnAsync(ApiFixture api, string user)
    {
        var browser = api.Browser();
        using var signedIn = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        var page = await browser.GetStringAsync(new Uri("/account/two-factor", UriKind.Relative));
        var key = Decode(Key().Match(page).Groups["key"].Value);
        using var on = await ConfirmAsync(browser, page, CodeOf(key));
        var shown = await on.Content.ReadAsStringAsync();
        Assert.True(on.StatusCode == HttpStatusCode.OK, shown);
        var app = new Authenticator(api, user, key, browser, [.. RecoveryCode().Matches(shown).Select(m => m.Groups["code"].Value)]);
        await app.WaitForTheNextCodeAsync();
        return app;
    }

    /// <summary>Posts the form that confirms a code.</summary>
    public static Task<HttpResponseMessage> ConfirmAsync(HttpClient browser, string page, string code) => browser.PostPageAsync(
        "/account/two-factor", page, "confirm", ("Confirm.Ticket", Ticket().Match(page).Groups["ticket"].Value), ("Confirm.Code", code));

    /// <summary>As if half a minute went by: the present code was not used yet.</summary>
    public async Task WaitForTheNextCodeAsync()
    {
        await using var db = await _api.Contexts.CreateDbContextAsync();
        await db.Users.Where(a => a.UserName == _user).ExecuteUpdateAsync(set => set.SetProperty(a => a.AuthenticatorStep, 0));
    }

    private static string CodeOf(byte[] key) => Totp.Code(key, Totp.StepAt(DateTimeOffset.UtcNow));

    private static byte[] Decode(string text)
    {
        var (bytes, buffer, bits) = (new List<byte>(), 0, 0);
        foreach (var letter in text)
        {
            buffer = (buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal);
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex(@"data-copy=""(?<key>[A-Z2-7]{32})""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"name=""Confirm.Ticket"" value=""(?<ticket>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ticket();

    [GeneratedRegex(@"<li[^>]*>(?<code>[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RecoveryCode();
}
