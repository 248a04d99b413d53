"""The API's pages in a real browser, under the policy of every other page."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.browser


async def test_the_contract_can_be_read_and_tried(window):
    page = (await window("/docs")).page
    operation = page.locator(".opblock", has=page.locator("[data-path='/v1/policy']"))
    await operation.locator(".opblock-summary").click()
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response-col_status")
    await expect(answer.last).to_contain_text("200")
    await expect(operation.locator(".live-responses-table")).to_contain_text("试点区")


async def test_it_leads_back(window):
    page = (await window("/docs", width=390)).page
    await page.get_by_role("link", name="诉求").click()
    await expect(page.get_by_role("search")).to_be_visible()
