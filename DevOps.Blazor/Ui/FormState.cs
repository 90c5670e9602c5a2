using DevOps.Core.Refusals;

namespace DevOps.Blazor.Ui;

/// <summary>What a form knows besides its values: faults per field, what was refused, whether it is being sent. Keeps what was typed.</summary>
public sealed class FormState
{
    private readonly Dictionary<string, Sentence[]> _faults = new(StringComparer.Ordinal);

    /// <summary>True while the form is being sent.</summary>
    public bool Busy { get; private set; }

    /// <summary>The last refusal, until the form is sent again.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>True when any field has a fault.</summary>
    public bool HasFaults => _faults.Count > 0;

    /// <summary>Faults of a field and of what lies below it (<c>build.variables</c> and <c>build.variables.CI</c>, <c>servers</c> and <c>servers[0]</c>).</summary>
    public IReadOnlyList<Sentence> FaultsOf(string field) =>
        [.. _faults.Where(f => Belongs(f.Key, field)).SelectMany(f => f.Value.Select(fault => Named(f.Key, field, fault)))];

    /// <summary>Faults of fields that the form does not show.</summary>
    public IReadOnlyList<Sentence> FaultsBesides(params string[] shown) =>
        [.. _faults.Where(f => !Array.Exists(shown, field => Belongs(f.Key, field))).SelectMany(f => f.Value.Select(fault => Sentence.Of($"{f.Key}: {fault}")))];

    /// <summary>Judges one field as it is left.</summary>
    /// <param name="field">Path of the field as the verb spells it.</param>
    /// <param name="rule">Notes what is wrong; faults of other fields are not looked at.</param>
    /// <returns>True when the field has no fault.</returns>
    public bool Check(string field, Action<Faults> rule)
    {
        Forget(field);
        try
        {
            var faults = new Faults();
            rule(faults);
            faults.ThrowIfAny();
        }
        catch (InvalidInput invalid)
        {
            Take(invalid.Faults.Where(e => Belongs(e.Key, field)));
        }

        return FaultsOf(field).Count == 0;
    }

    /// <summary>Forgets the faults of a field, because it was changed.</summary>
    public void Forget(string field)
    {
        foreach (var key in _faults.Keys.Where(k => Belongs(k, field)).ToArray())
        {
            _faults.Remove(key);
        }
    }

    /// <summary>Sends the form. A refusal is kept and shown; anything else is thrown on.</summary>
    /// <returns>True when nothing was refused.</returns>
    public async Task<bool> RunAsync(Func<Task> action)
    {
        if (Busy)
        {
            return false;
        }

        Busy = true;
        Refusal = null;
        _faults.Clear();
        try
        {
            await action();
            return true;
        }
        catch (Refusal refusal)
        {
            Refusal = refusal;
            if (refusal is InvalidInput invalid)
            {
                Take(invalid.Faults);
            }

            return false;
        }
        finally
        {
            Busy = false;
        }
    }

    private static bool Belongs(string key, string field) =>
        key.StartsWith(field, StringComparison.Ordinal) && (key.Length == field.Length || key[field.Length] is '.' or '[');

    private static Sentence Named(string key, string field, Sentence fault) =>
        key.Length == field.Length ? fault : $"{key[field.Length..].TrimStart('.')}: {fault}";

    private void Take(IEnumerable<KeyValuePair<string, Sentence[]>> faults)
    {
        foreach (var (field, sentences) in faults)
        {
            _faults[field] = sentences;
        }
    }
}
