using System.Text;

namespace DevOps.Infrastructure.Access;

/// <summary>Knows the passwords that are tried first: well-known words, rows of keys, pieces said again and again, each also with figures for letters
/// and with digits or signs around it.</summary>
internal static class CommonPasswords
{
    private const int LongestPiece = 5;
    private const int ShortestRun = 3;
    private static readonly char[] Around = [.. "0123456789!@#$%^&*()-_=+.,;:?/ "];

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "password", "passwort", "passphrase", "mypassword", "newpassword", "changeme", "changeit", "changemenow", "secret", "topsecret",
        "letmein", "letmeinnow", "welcome", "welcomehome", "iloveyou", "iloveu", "trustno", "opensesame", "nopassword", "default", "temporary",
        "administrator", "administration", "admin", "adminadmin", "root", "rootroot", "toor", "superuser", "sysadmin", "user", "username", "guest", "login", "master",
        "qwerty", "qwertyuiop", "qwertz", "qwertzuiop", "azerty", "azertyuiop", "asdfghjkl", "zxcvbnm", "qazwsx", "qazwsxedc", "qweasd", "qweasdzxc", "zaqxsw", "qwaszx", "asdfqwer", "poiuytrewq",
        "abc", "abcd", "abcde", "abcdef", "test", "testtest", "testing", "tester", "example", "sample", "demo", "demodemo", "hello", "helloworld",
        "football", "baseball", "basketball", "superman", "batman", "starwars", "pokemon", "sunshine", "princess", "dragon", "monkey", "shadow", "butterfly", "chocolate", "computer", "internet", "microsoft",
        "spring", "summer", "autumn", "winter", "january", "february", "september", "october", "november", "december", "monday", "friday",
        "woaini", "woainima", "woaiwojia", "mima", "wodemima", "nihao", "devops", "deploy", "deployment", "production", "staging", "company", "server", "database", "postgres",
    };

    private static readonly string[] Rows =
        ["abcdefghijklmnopqrstuvwxyz", "01234567890", "1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p"];

    private static readonly string[] BothWays = [.. Rows, .. Rows.Select(r => new string([.. r.Reverse()]))];

    /// <summary>Says whether a password is one of those.</summary>
    public static bool Contains(string password)
    {
        var text = password.ToLowerInvariant();
        return IsRepeated(text) || IsRows(text) || Bare(text).Any(Words.Contains);
    }

    // The word as typed and with letters for figures, without what stands around it.
    private static IEnumerable<string> Bare(string text)
    {
        yield return text.Trim(Around);
        yield return Letters(text).Trim(Around);
        yield return Letters(text.TrimEnd(Around)).Trim('_', '-', '.', ' ');
    }

    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            letters.Append(c switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', _ => c });
        }

        return letters.ToString();
    }

    private static bool IsRepeated(string text) =>
        Enumerable.Range(1, LongestPiece).Any(length => Enumerable.Range(0, text.Length).All(i => text[i] == text[i % length]));

    // Made of nothing but stretches of neighbouring keys, such as "qwert12345" or "abcdefg123".
    private static bool IsRows(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var rest = text[at..];
            var length = Enumerable.Range(ShortestRun, Math.Max(0, rest.Length - ShortestRun + 1))
                .LastOrDefault(n => Array.Exists(BothWays, row => row.Contains(rest[..n], StringComparison.Ordinal)));
            if (length == 0)
            {
                return false;
            }

            at += length;
        }

        return true;
    }
}
