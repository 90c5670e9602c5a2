namespace DevOps.Blazor.Ui;

/// <summary>What an input needs to know of the field it stands in.</summary>
/// <param name="Id">Id for the input, which the label points at.</param>
/// <param name="NoteId">Id of the help or fault below it, for <c>aria-describedby</c>.</param>
/// <param name="Invalid">True while the field has a fault.</param>
public sealed record FieldContext(string Id, string NoteId, bool Invalid);
