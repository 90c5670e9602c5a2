using System.Text.RegularExpressions;
using DevOps.Core.Refusals;

namespace DevOps.Core.Secrets;

/// <summary>The rule for names of variables and secrets that users give.</summary>
public static partial class VariableName
{
    /// <summary>Longest value of a variable or secret, in characters.</summary>
    public const int MaxValueLength = 64 * 1024;

    /// <summary>Most variables and secrets together in one place.</summary>
    public const int MaxCount = 200;

    // Names that change how a shell, a loader or this platform itself behaves.
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "IFS", "ENV", "BASH_ENV", "SHELL", "SHELLOPTS", "BASHOPTS", "PS4", "PROMPT_COMMAND", "CDPATH", "GLOBIGNORE",
    };

    /// <summary>Notes faults in a map of names and values.</summary>
    /// <param name="variables">The map; a null value is allowed and means "delete".</param>
    /// <param name="field">Path of the map in the request.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void Check(IEnumerable<KeyValuePair<string, string?>> variables, string field, Faults faults)
    {
        var count = 0;
        foreach (var (name, value) in variables)
        {
            count++;
            var path = $"{field}.{(name.Length > 64 ? name[..64] : name)}";
            faults.When(!Form().IsMatch(name), path, "A variable's name is 1 to 64 letters, digits and underscores and does not begin with a digit.");
            faults.When(name.StartsWith("DEPLOY_", StringComparison.Ordinal), path, "Names beginning with DEPLOY_ are set by the platform.");
            faults.When(Reserved.Contains(name) || name.StartsWith("LD_", StringComparison.Ordinal), path, "This name changes how the shell works and cannot be set. Use another one.");
            faults.When(value?.Length > MaxValueLength, path, $"The value is longer than {MaxValueLength} characters. Put it into a file.");
            faults.When(value?.Contains('\0', StringComparison.Ordinal) == true, path, "The value holds a NUL character.");
        }

        faults.When(count > MaxCount, field, $"There can be {MaxCount} at most.");
    }

    /// <summary>Notes faults in a map of plain variables, which all have a value.</summary>
    /// <param name="variables">The map.</param>
    /// <param name="field">Path of the map in the request.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void CheckPlain(IEnumerable<KeyValuePair<string, string>> variables, string field, Faults faults)
    {
        var all = variables.ToList();
        Check(all.Select(v => KeyValuePair.Create<string, string?>(v.Key, v.Value)), field, faults);
        foreach (var (name, _) in all.Where(v => v.Value is null))
        {
            faults.Add($"{field}.{(name.Length > 64 ? name[..64] : name)}", "A value is needed; it may be empty.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
