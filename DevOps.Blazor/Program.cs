using DevOps.Blazor.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddDevOpsPages();

var app = builder.Build();
app.UseDevOpsPages();
app.MapDevOpsPages();
await app.RunAsync();
