using System.Net;
using System.Text.RegularExpressions;

namespace DevOps.Tests.Fixtures;

/// <summary>Fills in and sends the forms of plain pages, as a browser does.</summary>
internal static partial class PageForm
{
    /// <summary>Reads a page and posts one of its forms back to the same address, with the hidden fields it holds.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(this HttpClient browser, string path, string form, params (string Name, string Value)[] fields)
    {
        var page = await browser.GetStringAsync(new Uri(path, UriKind.Relative));
        return await browser.PostPageAsync(path, page, form, fields);
    }

    /// <summary>Posts a form of a page that was read before.</summary>
    public static Task<HttpResponseMessage> PostPageAsync(this HttpClient browser, string path, string page, string form, params (string Name, string Value)[] fields)
    {
        var values = fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).ToList();
        values.Add(KeyValuePair.Create("_handler", form));
        values.Add(KeyValuePair.Create("__RequestVerificationToken", WebUtility.HtmlDecode(Token().Match(page).Groups["value"].Value)));
        return browser.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent(values));
    }

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""(?<value>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
