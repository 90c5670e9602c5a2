namespace DevOps.Core.Audit;

/// <summary>A field that a change touched.</summary>
/// <param name="Field">Path of the field as the HTTP interface spells it: <c>build.image</c>.</param>
/// <param name="Before">What stood there; null when nothing did. Never a secret.</param>
/// <param name="After">What stands there now; null when nothing does. Never a secret.</param>
public sealed record AuditChange(string Field, string? Before, string? After);
