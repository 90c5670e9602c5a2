namespace DevOps.Blazor;

/// <summary>Names the texts of people: users, invitations, members of a project: <c>Resources/UsersText.resx</c>.</summary>
public sealed class UsersText;
