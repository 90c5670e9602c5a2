namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/CredentialsText.resx</c>.</summary>
public sealed class CredentialsText;
