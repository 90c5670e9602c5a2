using System.Diagnostics;

namespace DevOps.Core.Secrets;

/// <summary>A value that must not be shown. It prints as <c>***</c> everywhere; who needs it says so with <see cref="Reveal"/>.</summary>
[DebuggerDisplay("***")]
public readonly struct Sensitive(string value) : IEquatable<Sensitive>
{
    private readonly string? _value = value;

    /// <summary>The value itself. Pass it on by standard input or by a file only its reader can open, never as an argument.</summary>
    public string Reveal() => _value ?? "";

    /// <inheritdoc/>
    public override string ToString() => "***";

    /// <inheritdoc/>
    public bool Equals(Sensitive other) => string.Equals(Reveal(), other.Reveal(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sensitive other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Reveal());

    /// <summary>Equality of the hidden values.</summary>
    public static bool operator ==(Sensitive left, Sensitive right) => left.Equals(right);

    /// <summary>Inequality of the hidden values.</summary>
    public static bool operator !=(Sensitive left, Sensitive right) => !left.Equals(right);
}
