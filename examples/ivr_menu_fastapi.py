"""The menu of ivr_menu.py on FastAPI, beside an endpoint of your own: uvicorn ivr_menu_fastapi:app --port 3000

Its URL is /webhooks/ with the slash: FastAPI answers the path without it by a redirect, which is not to be relied on.
"""

from fastapi import FastAPI
from ivr_menu import webhooks

app = FastAPI()
app.mount("/webhooks", webhooks.asgi)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "up"}


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, port=3000)
